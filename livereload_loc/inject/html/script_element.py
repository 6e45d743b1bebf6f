"""The markup of the script element that goes into documents."""

from __future__ import annotations

from collections.abc import Mapping

# In an SVG document, too: browsers run the script of an XHTML element in any document, and its prefix and the
# namespace of the root do not matter then.
_NAMESPACE = ' xmlns="http://www.w3.org/1999/xhtml"'


def script_element(source: str, attributes: Mapping[str, str], *, xml: bool = False) -> str:
    """Return a script that blocks no parser; neither ``source`` nor a value may need escaping.

    With ``xml`` it is well-formed, for SVG and XHTML documents.
    """
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    namespace, empty = (_NAMESPACE, '=""') if xml else ("", "")
    return f'<script{namespace} src="{source}" async{empty}{more}></script>'
