"""Files that only a worker or a frame without an address loads: the page around it does not see them."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.conftest import applied, visit
from tests.browser.serve.conftest import HEAD
from tests.support.loc_dev import LocDev
from tests.support.page_marks import holds, is_marked, mark, reloaded
from tests.support.web_servers import Site

SHOW = "({ data }) => { document.querySelector('p').textContent = data }"
CLASSIC = f"<script>new Worker('/worker.js').onmessage = {SHOW}</script>"
WORKLET = """<script>
const context = new OfflineAudioContext(1, 128, 8000);
context.audioWorklet.addModule("/lib.js").then(() => {
  for (const name of ["first", "second", "third"]) {
    try {
      new AudioWorkletNode(context, name);
      document.querySelector("p").textContent = name;
    } catch { /* it has another name */ }
  }
});
</script>"""
SHARED = f"<script>new SharedWorker('/shared.js').port.onmessage = {SHOW}</script>"
WORKERS = {
    "importScripts": (CLASSIC, "worker.js", "importScripts('/lib.js'); postMessage(value)"),
    "import": (CLASSIC, "worker.js", "import('/module.mjs').then(({ value }) => postMessage(value))"),
    "fetch": (
        CLASSIC,
        "worker.js",
        "fetch('/lib.js').then((answer) => answer.text()).then((text) => postMessage((0, eval)(text)))",
    ),
    "a worker of a worker": (
        CLASSIC,
        "worker.js",
        "new Worker('/inner.js').onmessage = ({ data }) => postMessage(data)",
    ),
    "AudioWorklet": (WORKLET, "inner.js", ""),
    "SharedWorker": (
        SHARED,
        "shared.js",
        "importScripts('/lib.js'); onconnect = ({ ports }) => ports[0].postMessage(value)",
    ),
}
LIBRARIES = {
    "import": ("module.mjs", "export const value = '{}'"),
    "AudioWorklet": ("lib.js", "registerProcessor('{}', class extends AudioWorkletProcessor {{}})"),
}


def shows(text: str) -> str:
    return f"document.querySelector('p')?.textContent === '{text}'"


@pytest.mark.parametrize("kind", WORKERS)
def test_a_script_that_only_a_worker_loads_reloads_its_page(
    context: BrowserContext, site: Site, served: LocDev, kind: str
) -> None:
    start, worker, code = WORKERS[kind]
    library, text = LIBRARIES.get(kind, ("lib.js", "value = '{}'"))
    site.save("index.html", f"{HEAD}<body><p></p>{start}")
    site.save("inner.js", "importScripts('/lib.js'); postMessage(value)")
    site.save(worker, code)
    site.save(library, text.format("first"))
    home, about = (visit(context, served, path) for path in ("/", "/about/"))
    holds(home, shows("first"))
    for version in ("second", "third"):
        mark(home)
        since = served.mark()
        site.save(library, text.format(version))
        reloaded(home)
        holds(home, shows(version))
        applied(served, library, "nothing", "/about/", since)
        assert is_marked(about)


def test_a_sheet_of_a_frame_without_an_address_reloads_the_page_around_it(
    context: BrowserContext, site: Site, served: LocDev
) -> None:
    site.save("frame.css", "p { order: 1 }")
    frame = "<link rel=stylesheet href=/frame.css><p>x"
    site.save("index.html", f"{HEAD}<body><iframe srcdoc='{frame}'></iframe>")
    home, about = (visit(context, served, path) for path in ("/", "/about/"))
    order = "[...(frames[0]?.document.querySelectorAll('p') ?? [])].map((p) => getComputedStyle(p).order)[0]"
    holds(home, f"{order} === '1'")
    site.save("frame.css", "p { order: 2 }")
    reloaded(home)
    holds(home, f"{order} === '2'")
    assert is_marked(about)


def test_where_a_frame_does_not_say_whose_it_is_all_pages_reload(
    context: BrowserContext, site: Site, served: LocDev
) -> None:
    site.save("frame.css", "p { order: 1 }")
    site.save(
        "index.html",
        f"{HEAD}<body><iframe></iframe><script>const frame = new Blob([`<link rel=stylesheet "
        "href=${location.origin}/frame.css><p>x`], { type: 'text/html' });"
        "document.querySelector('iframe').src = URL.createObjectURL(frame)</script>",
    )
    home, about = (visit(context, served, path) for path in ("/", "/about/"))
    holds(home, "getComputedStyle.call(frames[0], frames[0].document.querySelector('p')).order === '1'")
    site.save("frame.css", "p { order: 2 }")
    reloaded(home)
    reloaded(about)
