"""What the user typed into components, and where they were in them, stays over a reload."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.support.page_marks import holds, mark, reloaded
from tests.support.web_servers import Site

pytestmark = pytest.mark.every_engine

COMPONENTS = """<script>
customElements.define("own-field", class extends HTMLElement {
  constructor() {
    super();
    this.attachShadow({ mode: "open" }).innerHTML = "<input><input type=password>" +
      "<div style='height: 50px; overflow: auto'><div style='height: 900px'></div></div>";
  }
});
// Neither is what fields of the browser have under these names.
customElements.define("odd-list", class extends HTMLElement {
  constructor() {
    super();
    const root = this.attachShadow({ mode: "closed" });
    root.innerHTML = "<input>";
    this.inner = root.firstChild;
    this.options = [{ label: "a" }];
  }
});
customElements.define("odd-value", class extends HTMLElement {
  constructor() {
    super();
    const root = this.attachShadow({ mode: "closed" });
    root.innerHTML = "<input>";
    this.inner = root.firstChild;
    this.value = this;
  }
});
</script>"""
FIRST = "document.querySelector('own-field')?.shadowRoot?.querySelector('input')"


def type_into(page: Page, field: str, text: str) -> None:
    """Type with real keys into the field that an expression is."""
    page.evaluate(f"() => {field}.focus()")
    page.keyboard.type(text)


def test_fields_and_boxes_of_components_are_kept(site: Site, open_page: Open) -> None:
    body = f"{COMPONENTS}<own-field></own-field><own-field></own-field>"
    site.page("index.html", body)
    page = open_page()
    second = "document.querySelectorAll('own-field')[1]?.shadowRoot"
    type_into(page, f"{second}.querySelector('[type=password]')", "private")
    type_into(page, f"{second}.querySelector('input')", "other")
    type_into(page, FIRST, "typed")
    page.evaluate(f"() => {{ {second.replace('?', '')}.querySelector('div').scrollTop = 70 }}")
    mark(page)
    site.page("index.html", f"<h1>new</h1>{body}")
    reloaded(page)
    holds(page, f"{FIRST}?.value === 'typed'")
    holds(page, f"{second}.querySelector('input').value === 'other'")
    holds(page, f"{second}.querySelector('div').scrollTop === 70")
    holds(page, f"document.activeElement.shadowRoot?.activeElement === {FIRST}")
    assert page.evaluate(f"() => {second}.querySelector('[type=password]').value") == ""


@pytest.mark.parametrize("name", ["odd-list", "odd-value"])
def test_a_component_that_is_no_field_does_not_lose_what_was_typed_elsewhere(
    site: Site, open_page: Open, name: str
) -> None:
    body = f"{COMPONENTS}<{name}></{name}><input id=name>"
    site.page("index.html", body)
    page = open_page()
    type_into(page, f"document.querySelector('{name}').inner", "lost")
    type_into(page, "document.querySelector('#name')", "typed")
    mark(page)
    site.page("index.html", f"<h1>new</h1>{body}")
    reloaded(page)
    holds(page, "document.querySelector('#name')?.value === 'typed'")
