"""How ``--help`` is laid out: options by what they are about, and examples that can be pasted."""

from __future__ import annotations

import click

from livereload_loc.cli.config_file import name_of

SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Pages", ("watch", "spa", "change-origin", "insecure")),
    ("Watching", ("ignore", "no-gitignore", "poll", "code", "wait-for")),
    ("Building and running", ("exec", "restart", "keys")),
    (
        "Addresses",
        (
            *("port", "host", "lan", "qr", "https", "cert", "key"),
            *("allow-host", "allow-origin", "livereload-port"),
        ),
    ),
    ("Output", ("open", "quiet", "verbose", "json")),
    (
        "Counting visitors",
        (
            *("counter", "site", "redis", "linger", "trusted-proxy", "admin-token"),
            *("max-per-address", "max-per-site", "max-visitors", "max-sites", "join-rate"),
        ),
    ),
)
"""The options by their names, in the order in which they are shown."""

EXAMPLES = {
    "watch": (
        "loc-dev watch content/",
        "loc-dev watch templates static --wait-for http://localhost:8000",
    ),
    "serve": (
        "loc-dev serve content/ --open",
        'loc-dev serve public --watch src --exec "sass src/site.scss public/site.css"',
        "loc-dev serve dist -- npx vite build --watch",
    ),
    "proxy": (
        "loc-dev proxy http://localhost:8000 --watch content -- php -S localhost:8000 -t content",
        "loc-dev proxy http://localhost:3000 --lan --qr",
    ),
    "count": ("loc-dev count --site example.com --redis redis://localhost --trusted-proxy 127.0.0.1",),
}

EXIT_CODES = "Exit codes: 0 stopped by you, 1 failed while running, 2 called wrongly."


class SectionedHelpCommand(click.Command):
    """A command whose help is in sections."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, those that belong together under one heading."""
        records = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record and isinstance(param, click.Option):
                records[name_of(param)] = record
        for heading, names in SECTIONS:
            shown = [records.pop(name) for name in names if name in records]
            if shown:
                with formatter.section(heading):
                    formatter.write_dl(shown)
        if records:
            with formatter.section("Other"):
                formatter.write_dl(list(records.values()))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write examples, and what the exit code says."""
        examples = EXAMPLES.get(self.name or "", ())
        if examples:
            with formatter.section("Examples"):
                for line in examples:
                    formatter.write(f"{'':{formatter.current_indent}}{line}\n")
            formatter.write_paragraph()
            formatter.write_text(EXIT_CODES)
