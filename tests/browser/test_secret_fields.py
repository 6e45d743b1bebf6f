"""Neither the tool nor the browser puts back what is secret, also below a service worker."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open
from tests.support.page_marks import OWN_SCRIPT, holds, mark, reloaded
from tests.support.web_servers import Site

pytestmark = pytest.mark.every_engine

FORM = """<form><input id=name>
<input id=secret type=password><input id=hidden type=hidden value=served>
<input id=code autocomplete=one-time-code><input id=card autocomplete="section-a cc-number"></form>"""
WORKER = "onactivate = () => clients.claim(); onfetch = () => {}"
VALUES = "() => Object.fromEntries([...document.forms[0].elements].map(({ id, value }) => [id, value]))"


@pytest.mark.parametrize("worker", [False, True], ids=["plain", "below a service worker"])
def test_secret_fields_are_as_served_after_a_reload(site: Site, open_page: Open, worker: bool) -> None:
    site.save("worker.js", WORKER)
    site.page("index.html", FORM, OWN_SCRIPT)
    page = open_page()
    if worker:
        page.evaluate("navigator.serviceWorker.register('/worker.js').then(() => 0)")
        holds(page, "navigator.serviceWorker.controller !== null")
    page.fill("#name", "typed")
    for secret in ("#secret", "#code", "#card"):
        page.fill(secret, "private")
    page.evaluate("() => { hidden.value = 'by script' }")
    mark(page)
    site.page("index.html", f"<h1>new</h1>{FORM}", OWN_SCRIPT)
    reloaded(page)
    holds(page, "document.querySelector('#name').value === 'typed'")
    served = {"secret": "", "hidden": "served", "code": "", "card": ""}
    assert page.evaluate(VALUES) == {"name": "typed", **served}
    assert page.evaluate("() => Boolean(navigator.serviceWorker.controller)") is worker
