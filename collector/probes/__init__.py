"""One file a protocol. `base` is the contract, `registry` the map, `runner` the only caller."""
