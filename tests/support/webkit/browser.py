"""WebKitGTK's MiniBrowser by WebDriver, with those methods of Playwright's classes that the tests use.

Playwright drives only a WebKit of its own. WebDriver says nothing of the console and of requests, and runs no
script before the page's own, and no page opens a window: a test of those is not for this engine.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import JavascriptException, WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.file_detector import UselessFileDetector
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.webkitgtk.service import Service
from urllib3.exceptions import ReadTimeoutError

from tests.support.waiting import DEADLINE, until
from tests.support.webkit.locator import Locator

MINI_BROWSER = next(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"), None)
# Seconds for each command, of which a script may take 30.
PATIENCE = round(2 * DEADLINE)
# How many navigations had begun in this document; under a symbol, so that it is none of the page's globals.
LEFT = "window[Symbol.for('left')]"


class Browser:
    """Starts a MiniBrowser, with a profile of its own, for each context."""

    def __init__(self, display: str) -> None:
        self._display = display
        self._contexts = ExitStack()

    def new_context(self, *, ignore_https_errors: bool = False) -> Context:
        options = webdriver.WebKitGTKOptions()
        options.binary_location = str(MINI_BROWSER)
        options.add_argument("--automation")
        options.accept_insecure_certs = ignore_https_errors
        options.page_load_strategy = "none"  # or each command waits for slow pages
        try:
            context = self._start(options)
        except ReadTimeoutError:  # on a busy machine the browser at times misses the driver's word
            context = self._start(options)
        self._contexts.callback(context.close)
        return context

    def _start(self, options: webdriver.WebKitGTKOptions) -> Context:
        environment = {**os.environ, "DISPLAY": self._display, "NO_AT_BRIDGE": "1"}
        with ExitStack() as stack:
            service = Service(shutil.which("WebKitWebDriver"), env=environment)
            service.start()
            stack.callback(service.stop)
            connection = RemoteConnection(client_config=ClientConfig(service.service_url, timeout=PATIENCE))
            files = UselessFileDetector()  # they are on this machine
            driver = stack.enter_context(webdriver.Remote(connection, options=options, file_detector=files))
            return Context(driver, stack.pop_all())

    def close(self) -> None:
        self._contexts.close()


class Context:
    """The windows of one MiniBrowser; each is a page."""

    def __init__(self, driver: webdriver.Remote, stack: ExitStack) -> None:
        self._driver = driver
        self._stack = stack
        self._current = driver.current_window_handle
        self._unused = [self._current]
        self.pages: list[Page] = []

    def window(self, handle: str) -> webdriver.Remote:
        """The driver, whose commands go to this window."""
        if handle != self._current:
            self._driver.switch_to.window(handle)
            self._current = handle
        return self._driver

    def new_page(self) -> Page:
        if not self._unused:
            self.keep_a_window()
        page = Page(self, self._unused.pop())
        self.pages.append(page)
        return page

    def keep_a_window(self) -> None:
        """Open a window for the next page."""
        self._driver.switch_to.new_window("window")
        self._current = self._driver.current_window_handle
        self._unused.append(self._current)

    def cookies(self) -> list[dict[str, Any]]:
        return self._driver.get_cookies()

    def set_default_timeout(self, milliseconds: float) -> None:
        assert milliseconds == DEADLINE * 1000, "all waiting has one deadline here"

    def close(self) -> None:
        self._stack.close()


class Page:
    """A window."""

    def __init__(self, context: Context, handle: str) -> None:
        self.context = context
        self._handle = handle
        self._navigations = 0
        self.keyboard = Keyboard(self)

    @property
    def driver(self) -> webdriver.Remote:
        return self.context.window(self._handle)

    @property
    def url(self) -> str:
        return str(self.driver.current_url)

    def title(self) -> str:
        return str(self.driver.title)

    def goto(self, url: str, wait_until: str = "load") -> None:
        self._navigate(lambda: self.driver.get(url), wait_until)

    def reload(self, wait_until: str = "load") -> None:
        self._navigate(self.driver.refresh, wait_until)

    def go_back(self, wait_until: str = "load") -> None:
        self._navigate(self.driver.back, wait_until)

    def _navigate(self, navigate: Callable[[], None], wait_until: str) -> None:
        self._navigations += 1
        self.evaluate(f"(number) => {{ {LEFT} = number }}", self._navigations)
        navigate()
        self.wait_for_function(f"(number) => {LEFT} !== number", arg=self._navigations)
        if wait_until == "load":
            self.wait_for_load_state()

    def wait_for_load_state(self) -> None:
        self.wait_for_function("() => document.readyState === 'complete'")

    def wait_for_url(self, pattern: str) -> None:
        wanted = re.compile(re.escape(pattern).replace(r"\*\*", ".*"))
        until(lambda: wanted.fullmatch(self.url), f"never at {pattern}")
        self.wait_for_load_state()

    def wait_for_timeout(self, milliseconds: float) -> None:
        time.sleep(milliseconds / 1000)

    def evaluate(self, expression: str, arg: object = None) -> Any:
        """Return what a JavaScript expression, or a function called with ``arg``, results in.

        It is part of a function, not evaluated as text, which a Content-Security-Policy may forbid.
        """
        try:
            return self.driver.execute_script(
                f"const result = ({expression});"
                "return typeof result === 'function' ? result(arguments[0]) : result;",
                arg,
            )
        except JavascriptException as error:
            if "Unexpected token ';'" not in str(error.msg):
                raise
            return self.driver.execute_script(expression)  # several statements, which have no result

    @property
    def frames(self) -> list[Page | Frame]:
        """The page itself and the frames in it."""
        count = self.driver.execute_script(
            "return Document.prototype.querySelectorAll.call(document, 'iframe').length"
        )
        return [self, *(Frame(self, number) for number in range(count))]

    def wait_for_function(self, expression: str, *, arg: object = None) -> None:
        last: list[object] = []

        def is_so() -> bool:
            try:
                try:
                    last[:] = [self.evaluate(expression, arg)]
                except ReadTimeoutError:  # a page that went meanwhile has taken the answer along
                    last[:] = [self.evaluate(expression, arg)]
            except WebDriverException as error:  # on the way to the next document
                last[:] = [error.msg]
                return False
            return bool(last[0])

        try:
            until(is_so)
        except AssertionError:
            raise AssertionError(f"it never held: {expression}: {last}") from None

    def locator(self, css: str) -> Locator:
        return Locator(self).locator(css)

    def get_by_role(self, role: str, *, name: str = "") -> Locator:
        return Locator(self).get_by_role(role, name=name)

    def get_by_text(self, text: str) -> Locator:
        return Locator(self).get_by_text(text)

    def frame_locator(self, css: str) -> Locator:
        return Locator(self).frame_locator(css)

    def click(self, css: str) -> None:
        self.locator(css).click()

    def fill(self, css: str, value: str) -> None:
        self.locator(css).fill(value)

    def check(self, css: str) -> None:
        self.locator(css).check()

    def focus(self, css: str) -> None:
        self.locator(css).focus()

    def select_option(self, css: str, values: str | list[str]) -> None:
        self.locator(css).select_option(values)

    def set_input_files(self, css: str, file: dict[str, Any]) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch, file["name"])
            path.write_bytes(file["buffer"])
            self.locator(css).set_input_files(path)

    def screenshot(self, path: Path) -> None:
        self.driver.save_screenshot(str(path))

    def close(self) -> None:
        self.context.pages.remove(self)
        if not self.context.pages:
            self.context.keep_a_window()  # without one the browser ends
        self.driver.close()


class Frame:
    """A frame of a page, by its number."""

    def __init__(self, page: Page, number: int) -> None:
        self._page = page
        self._number = number

    def evaluate(self, expression: str) -> Any:
        driver = self._page.driver
        driver.switch_to.frame(self._number)
        try:
            return self._page.evaluate(expression)
        finally:
            driver.switch_to.default_content()


class Keyboard:
    """The keys of a page."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def press(self, key: str) -> None:
        self.type(getattr(Keys, key.upper()))

    def type(self, text: str) -> None:
        ActionChains(self._page.driver).send_keys(text).perform()


@contextmanager
def display() -> Iterator[str]:
    """Run an X server that shows nothing, and give its name."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as said:
        command = ("Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x1024x24", "-nolisten", "tcp")
        server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
        os.close(writing)
        try:
            yield f":{said.readline().strip()}"
        finally:
            server.terminate()
            server.wait(DEADLINE)
