"""How pages get to the browser quickly: compressed, and with everything they need asked for at once."""
