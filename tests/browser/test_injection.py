"""What Chromium makes of a document with the tag is what it makes of it without, but for the tag."""

from __future__ import annotations

import http.server
import itertools
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from livereload_loc.inject.html.injector import Injector
from tests.support.html_documents import DOCUMENTS, Document
from tests.support.tag_places import MARK, PLACES

TAG = '<script src="/_loc/reload.js" async></script>'

pytestmark = pytest.mark.not_in("webkit", "no page opens a window by WebDriver")

LOOK = """async (url) => {
  // In a window, not in a frame, which would take the encoding of the page around it.
  window.shown ??= open("about:blank");
  const { promise: loaded, resolve } = Promise.withResolvers();
  window.shown.location = url;
  const wait = () => {
    const at = window.shown.document;
    at.URL === url && at.readyState === "complete" ? resolve(at) : setTimeout(wait, 1);
  };
  wait();
  const document = await loaded;
  const window_ = document.defaultView;
  const attributes = (element) =>
    [...element.attributes].map((each) => [each.namespaceURI, each.prefix, each.localName, each.value]);
  const isTag = (node) => node.nodeName === "SCRIPT" && node.getAttribute("src") === "/_loc/reload.js";
  const children = (node) => [...node.childNodes].filter((child) => !isTag(child)).map(node_);
  const node_ = (node) => {
    switch (node.nodeType) {
      case Node.ELEMENT_NODE:
        return [
          node.namespaceURI, node.prefix, node.localName, attributes(node), children(node),
          node instanceof window_.HTMLTemplateElement ? children(node.content) : null,
          node.shadowRoot ? children(node.shadowRoot) : null,
        ];
      case Node.DOCUMENT_TYPE_NODE:
        return [node.name, node.publicId, node.systemId];
      default:
        return [node.nodeType, node.nodeName, node.nodeValue];
    }
  };
  return {
    tree: children(document),
    mode: document.compatMode,
    encoding: document.characterSet,
    tags: [...document.querySelectorAll("script")].filter(isTag).length,
  };
}"""


class Shelf:
    """Documents at addresses of their own."""

    def __init__(self) -> None:
        self.url = ""
        self.documents: dict[str, Document] = {}
        self._numbers = itertools.count()

    def put(self, body: bytes, charset: str | None) -> str:
        """The address at which ``body`` is shown from now on."""
        path = f"/{next(self._numbers)}"
        self.documents[path] = Document(body, charset)
        return self.url + path


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: Any, shelf: Shelf) -> None:
        self._shelf = shelf
        super().__init__(*arguments)

    def do_GET(self) -> None:
        document = self._shelf.documents.get(self.path)
        body = document.body if document else b""
        self.send_response(200 if document else 404)
        charset = f"; charset={document.charset}" if document and document.charset else ""
        self.send_header("Content-Type", f"text/html{charset}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def shelf() -> Iterator[Shelf]:
    shelf = Shelf()

    def handler(*arguments: Any) -> _Handler:
        return _Handler(*arguments, shelf=shelf)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        shelf.url = f"http://localhost:{server.server_port}"
        yield shelf
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def tab(browser: Browser, shelf: Shelf) -> Iterator[Page]:
    with browser.new_page() as tab:
        tab.goto(shelf.put(b"<!doctype html>", None))
        yield tab


def look(tab: Page, url: str) -> dict[str, Any]:
    seen: dict[str, Any] = tab.evaluate(LOOK, url)
    return seen


def compare(tab: Page, shelf: Shelf, document: Document) -> None:
    injector = Injector(TAG, document.charset)
    tagged = injector.feed(document.body) + injector.close()
    without = look(tab, shelf.put(document.body, document.charset))
    with_ = look(tab, shelf.put(tagged, document.charset))
    assert without.pop("tags") == 0
    assert with_.pop("tags") == (1 if injector.added else 0)
    assert with_ == without


@pytest.mark.parametrize("marked", PLACES)
def test_the_documents_of_the_table(tab: Page, shelf: Shelf, marked: str) -> None:
    # With an encoding: of a few odd bytes without one browsers make a guess, for which each byte counts.
    compare(tab, shelf, Document(marked.replace(MARK, "").encode(), "utf-8"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_of_every_kind(tab: Page, shelf: Shelf, name: str) -> None:
    compare(tab, shelf, DOCUMENTS[name])
