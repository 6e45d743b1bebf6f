"""The layout of ``--help``: options under headings, and examples that can be pasted."""

from __future__ import annotations

import click

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

EXIT_CODES = "Exit codes: 0 stopped by you, 1 failed while running, 2 wrong usage."


class SectionedHelpCommand(click.Command):
    """A command whose help lists each option under the heading that its ``section`` names."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options under their headings, in the order of the first option of each."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record and isinstance(param, click.Option):
                sections.setdefault(getattr(param, "section", "Other"), []).append(record)
        for heading, records in sections.items():
            with formatter.section(heading):
                formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples and what the exit codes mean."""
        with formatter.section("Examples"):
            for line in EXAMPLES[self.name or ""]:
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")
        formatter.write_paragraph()
        formatter.write_text(EXIT_CODES)
