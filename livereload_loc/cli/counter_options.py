"""The options of the visitor counter, and how their values are checked."""

from __future__ import annotations

from typing import TypedDict

import click
from click.core import ParameterSource

from livereload_loc.cli.param_types import DecimalRange, IntegerRange
from livereload_loc.counter.client_address import ClientAddressResolver
from livereload_loc.counter.sites import SiteFilter
from livereload_loc.errors import UsageError
from livereload_loc.settings import CounterSettings

MIN_TOKEN = 8
"""The shortest admin token in characters; one has to be as long as it is hard to guess."""

_DEFAULTS = CounterSettings()
COUNTER = (
    click.option("--redis", metavar="URL", help="What several nodes share."),
    click.option(
        "--site",
        "sites",
        multiple=True,
        metavar="HOST",
        help="Count this site only, or *.example.com. Repeatable.",
    ),
    click.option(
        "--linger",
        type=DecimalRange(0, 60),
        default=_DEFAULTS.linger,
        show_default=True,
        metavar="SECONDS",
        help="How long a page that went away counts on.",
    ),
    click.option(
        "--max-per-address",
        type=IntegerRange(1),
        metavar="N",
        default=_DEFAULTS.max_per_address,
        show_default=True,
        help="Open pages of one address (IPv6: /64).",
    ),
    click.option(
        "--max-per-site",
        type=IntegerRange(1),
        metavar="N",
        default=_DEFAULTS.max_per_site,
        show_default=True,
        help="Open pages of one site.",
    ),
    click.option(
        "--max-visitors",
        type=IntegerRange(1),
        metavar="N",
        default=_DEFAULTS.max_visitors,
        show_default=True,
        help="Open pages in all.",
    ),
    click.option(
        "--max-sites",
        type=IntegerRange(1),
        metavar="N",
        default=_DEFAULTS.max_sites,
        show_default=True,
        help="Sites; one without visitors makes way.",
    ),
    click.option(
        "--join-rate",
        type=DecimalRange(0, min_open=True),
        metavar="N",
        default=_DEFAULTS.join_rate,
        show_default=True,
        help="Pages that one address may open a second, after a first burst.",
    ),
    click.option(
        "--trusted-proxy",
        "trusted_proxies",
        multiple=True,
        metavar="CIDR",
        callback=lambda context, option, given: _networks(given),
        help="Believe the X-Forwarded-For of these proxies. Repeatable.",
    ),
    click.option(
        "--admin-token",
        metavar="TOKEN",
        callback=lambda context, option, given: _token(given),
        help="What shows the figures of all sites from afar.",
    ),
)


class CounterValues(TypedDict):
    """The values of the options of the counter, by the names of its settings."""

    sites: tuple[str, ...]
    redis: str | None
    linger: float
    max_per_address: int
    max_per_site: int
    max_visitors: int
    max_sites: int
    join_rate: float
    trusted_proxies: tuple[str, ...]
    admin_token: str | None


def is_counting(asked: bool) -> bool:
    """Whether to count, too.

    Raises:
        UsageError: an option of the counter is there, but not the counter.
    """
    context = click.get_current_context()
    for name in CounterValues.__annotations__:
        if not asked and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = next(param.opts[0] for param in context.command.params if param.name == name)
            raise UsageError(f"{option} is for the visitor counter: add --counter.")
    return asked


def counter_settings(values: CounterValues) -> CounterSettings:
    """The settings of the counter.

    Raises:
        UsageError: a value is none that could work.
    """
    try:
        SiteFilter(values["sites"])
    except ValueError as error:
        raise UsageError(
            f"--site takes a host such as example.com, *.example.com or localhost:8080, not {str(error)!r}."
        ) from None
    return CounterSettings(
        sites=values["sites"],
        redis=values["redis"],
        max_per_address=values["max_per_address"],
        max_per_site=values["max_per_site"],
        max_visitors=values["max_visitors"],
        max_sites=values["max_sites"],
        join_rate=values["join_rate"],
        linger=values["linger"],
        trusted_proxies=values["trusted_proxies"],
        admin_token=values["admin_token"],
    )


def _networks(given: tuple[str, ...]) -> tuple[str, ...]:
    try:
        ClientAddressResolver(given)
    except ValueError as error:
        raise UsageError(
            f"--trusted-proxy takes an address or a network such as 10.0.0.0/8, not {str(error)!r}."
        ) from None
    return given


def _token(given: str | None) -> str | None:
    if given is not None and (len(given) < MIN_TOKEN or not given.isascii() or not given.isprintable()):
        raise UsageError(f"--admin-token takes at least {MIN_TOKEN} characters of plain ASCII.")
    return given
