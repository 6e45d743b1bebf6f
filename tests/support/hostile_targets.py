"""Request targets that lead to what must not be served; the advisories are named where they are known."""

from __future__ import annotations

HIDING = [
    "/.env", "/.env/", "/.env/.", "/.env/..", "/./.env", "/sub/../.env", "/.git/config", "/.git/",
    "/sub/.hidden/key",
    "/%2eenv", "/%2Eenv", "/.%65nv", "/sub/%2e%2e/.env", "/.well-known/.env", "/.well-known/../.env",
    # CVE-2025-30208, CVE-2025-31125, CVE-2025-31486, CVE-2026-39364: the query has no say
    "/.env?raw", "/.env?import&raw??", "/.env?.svg?.wasm?init", "/.env?url&inline", "/.env?", "/.env?a=/../b",
    # CVE-2025-46565
    "/.env/./", "/.env/././.", "/.env%2f.", "/.env/%2e",
    # CVE-2025-58751, CVE-2023-29159, 11ty: beside and above
    "/../private.txt", "/../p-private.txt", "/../pp/private.txt", "/sub/../../private.txt",
    "/..%2fprivate.txt",
    # CVE-2024-29180
    "/%2e%2e%2fprivate.txt", "/%2e%2e/private.txt", "/..%2f..%2fwww%2fprivate.txt",
    "/%252e%252e%252fprivate.txt",
    "/sub/%2e%2e%2f%2e%2e%2fprivate.txt", "/.%2e/private.txt",
    # GHSA-g7r4-m6w7-qqqr
    "/..\\..\\private.txt", "/..\\private.txt", "/..%5cprivate.txt", "/c\\d", "/c%5cd", "\\..\\private.txt",
    # CVE-2026-53571
    "/.env::$DATA", "/tls~1.pem", "/TLS~1.PEM", "/key.pem.", "/key.pem%20",
    "/index.html::$DATA",
    # CVE-2026-53632, CVE-2026-48818
    "//localhost/c$/x", "///etc/passwd", "//etc/passwd", "/\\\\localhost\\share", "/%2f%2flocalhost/share",
    "/%5c%5clocalhost%5cshare", "//?/C:/x",
    # CVE-2025-32395
    "/@fs/x/#/../../../etc/passwd", "/#/../../private.txt", "/index.html#/../.env", "/%23/../.env",
    # huntr#1809 and live-server#140: links out of the root, or to what hides
    "/link.txt", "/up/private.txt", "/up/p/.env", "/hidden-link", "/up/",
    # whatever else
    "/\x00", "/%00", "/index.html%00.env", "/.env%00", "/%0a.env", "/%ff.env", "/%c0%ae%c0%ae/private.txt",
    "/etc/passwd", "/..;/private.txt", "/%u002e%u002e/private.txt", "/.", "/..", "/../", "/" + "../" * 500,
    "/" + "a/" * 3000, "/" + "%2e%2e/" * 200 + "private.txt", "*", "", "index.html", "?",
]  # fmt: skip
