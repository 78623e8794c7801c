"""The demo's inbox: what came, in words."""

import httpx

from collector.demo.inbox import inbox


async def test_the_end_of_a_page_has_the_title_of_its_beginning_and_a_webhook_its_severity() -> None:
    begun = {"event_action": "trigger", "dedup_key": "incident/1", "payload": {"summary": "Shop is down"}}
    transport = httpx.ASGITransport(inbox())
    async with httpx.AsyncClient(transport=transport, base_url="http://inbox.example") as http:
        for action in ("acknowledge", "resolve"):
            await http.post("/pagerduty", json=begun)
            answer = await http.post("/pagerduty", json={"event_action": action, "dedup_key": "incident/1"})
            assert answer.json()["dedup_key"] == "incident/1"
        await http.post("/pagerduty", json={"event_action": "resolve", "dedup_key": "incident/2"})
        told = {"title": "Shop is <down>", "severity": "critical"}
        await http.post("/webhook", json={"type": "alert.trigger", "data": told})
        page = (await http.get("/")).text
    assert "<b>PagerDuty acknowledge</b> Shop is down" in page
    assert "<b>PagerDuty resolve</b> Shop is down" in page
    assert "<b>PagerDuty resolve</b> incident/2" in page
    assert "<b>webhook alert.trigger</b> [critical] Shop is &lt;down&gt;" in page
