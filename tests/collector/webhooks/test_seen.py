"""The memory of processed deliveries: bounded, and apart for each source."""

from collector.webhooks.seen import SeenDeliveries


def test_a_delivery_is_seen_for_its_own_source_only() -> None:
    seen = SeenDeliveries()
    seen.add("shopify", "1")
    assert ("shopify", "1") in seen
    assert ("chatwoot", "1") not in seen
    assert ("shopify", "2") not in seen


def test_the_oldest_is_forgotten_first_and_a_repeat_makes_it_young() -> None:
    seen = SeenDeliveries(capacity=3)
    seen.seed("shopify", ["1", "2", "3"])
    seen.add("shopify", "1")
    seen.add("shopify", "4")
    assert [number for number in "1234" if ("shopify", number) in seen] == ["1", "3", "4"]


def test_a_busy_source_makes_another_forget_nothing() -> None:
    seen = SeenDeliveries(capacity=3)
    seen.add("chatwoot", "a")
    seen.seed("shopify", map(str, range(1000)))
    assert ("chatwoot", "a") in seen
