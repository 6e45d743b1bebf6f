"""Served pages whose scripts change their address."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import visit
from tests.support.loc_dev import LocDev
from tests.support.page_marks import is_marked, shows
from tests.support.web_servers import Site


@pytest.mark.every_engine
def test_a_sheet_is_swapped_though_its_address_now_names_another(context: BrowserContext, site: Site) -> None:
    site.save("index.html", "<!doctype html><link rel=stylesheet href=site.css><p>home")
    with LocDev("serve", site.folder, "--port", "0", "--spa") as served:
        page = visit(context, served, "/")
        page.evaluate("() => history.pushState(null, '', '/users/42')")
        for order in ("2", "3"):
            site.save("site.css", f"p {{ order: {order} }}")
            shows(page, "p", "order", order)
        assert is_marked(page)
