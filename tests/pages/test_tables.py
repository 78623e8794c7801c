"""What tables are made of."""

from pages._ui.tables import technical


def test_a_technical_name_goes_on_behind_its_signs_and_is_only_text() -> None:
    assert technical("/admin/shop_id") == "<code>/admin/<wbr>shop_<wbr>id</code>"
    assert technical("<b>a_b</b>") == "<code>&lt;b&gt;a_<wbr>b&lt;/<wbr>b&gt;</code>"
    assert technical("_") == "<code>_</code>"
    assert technical("") == "<code></code>"
