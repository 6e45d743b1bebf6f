"""HTML documents of every kind, for the tests of where the tag goes."""

from __future__ import annotations

import codecs
from dataclasses import dataclass


@dataclass(frozen=True)
class Document:
    """A document as a server sends it; ``charset`` is that of its Content-Type."""

    body: bytes
    charset: str | None = None


def of_text(text: str, codec: str = "utf-8", charset: str | None = None) -> Document:
    return Document(text.encode(codec), charset)


def meta_at(end: int, meta: str, before: str = "<!doctype html><head>") -> str:
    """A document whose ``meta`` ends at the byte ``end``."""
    filler = end - len(before) - len(meta) - len("<!--  -->")
    return f"{before}<!-- {'x' * filler} -->{meta}<title>Größe</title><p>Größe"


_XHTML = '-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd'
_HTML4 = "-//W3C//DTD HTML 4.01 Transitional//EN"
_PRAGMA = '<meta http-equiv="Content-Type" content="text/html; charset=shift_jis">'
_JAPANESE = "日本語の表示、能力"

DOCUMENTS = {
    # modes
    "no doctype": of_text("<html><head><title>x</title></head><body><p>x<table></table>"),
    "limited quirks": of_text(f'<!DOCTYPE html PUBLIC "{_XHTML}"><html><body><p>x<table></table>'),
    "quirks by identifier": of_text(f'<!DOCTYPE HTML PUBLIC "{_HTML4}"><p>x<table></table>'),
    "quirks by name": of_text("<!doctype other><p>x<table></table>"),
    "legacy string": of_text('<!DOCTYPE html SYSTEM "about:legacy-compat"><p>x<table></table>'),
    "comment before the doctype": of_text("<!-- x --> <!doctype html><p>x<table></table>"),
    "text before the doctype": of_text("x <!doctype html><html><head><title>x</title></head><body>y"),
    "declaration of XML": of_text(
        '<?xml version="1.0"?>\n<!doctype html>\n<html xmlns="x" xml:lang="en"><p>x'
    ),
    "doctype cut by a bracket": of_text('<!doctype html PUBLIC "a>b" "c"><head><title>x</title>'),
    "internal subset": of_text("<!doctype html [ <!ELEMENT x ANY> ]><head><title>x</title>"),
    # white space and comments at every border
    "comments everywhere": of_text(
        "<!--1--><!doctype html><!--2--><html><!--3--><head><!--4--><title>x</title><!--5--></head>"
        "<!--6--><body><!--7-->x<!--8--></body><!--9--></html><!--10-->"
    ),
    "lines everywhere": of_text(
        "\n<!doctype html>\n\n<html>\n\n<head>\n<title>x</title>\n</head>\n\n<body>\nx\n</body>\n</html>\n"
    ),
    "carriage returns": of_text(
        "\r\n<!doctype html>\r\n<html>\r\r\n<head>\r\n<title>\rx\r\n</title>\r<pre>\r\n\rx"
    ),
    "form feeds": of_text("\f<!doctype\fhtml>\f<html\flang=x>\f<head\f>\f<title>x</title>"),
    "white space before the text": of_text("<!doctype html> <html> <head> </head> text"),
    "white space without a head": of_text("<!doctype html>  \n text"),
    "no-break space": of_text("<!doctype html><html>\u00a0<head><title>x</title>", charset="utf-8"),
    "NULs": of_text("\0<!doctype html>\0<ht\0ml>\0<head>\0<title>\0x</title>\0<p\0>\0x"),
    "NUL in the head": of_text("<!doctype html><html><head\0><title>x</title></head>"),
    "NUL after the doctype": of_text("<!doctype html>\0\0<head id=x><title>x</title>"),
    "NUL in an attribute": of_text('<!doctype html><html lang="\0"><head a\0=b><title>x</title>'),
    # heads and bodies that are there twice, late, or not at all
    "two heads": of_text("<head id=a><title>x</title></head><head id=b><meta name=x></head><body>x"),
    "two bodies": of_text("<body class=a>x<body class=b id=c>y"),
    "html twice": of_text("<html lang=en><html lang=de class=x><head id=a><html id=y><body>z"),
    "head after the body": of_text("<body>x<head id=a><title>y</title></head>"),
    "head in a comment": of_text("<!-- <head id=a> --><body>x"),
    "links after the head": of_text("<head></head><link rel=x><meta name=y><title>z</title><body>x"),
    "end tags only": of_text("</p></div></html></head></body></br>"),
    "end of the head first": of_text("</head><title>x</title><body>y"),
    "end of html first": of_text("</html> <!-- x --> <p>y"),
    "upper case": of_text("<HTML><HEAD ID=A><TITLE>X</TITLE></HEAD><BODY ONLOAD=''>X</BODY></HTML>"),
    "head with a solidus": of_text("<!doctype html><html/><head/ id=a /><title>x</title>"),
    "attributes twice": of_text("<html lang=en lang=de><head id=a id=b class='>' data-x=\"<head>\">x"),
    # elements that the head cannot hold, first of all
    "frameset": of_text("<html><head><title>x</title></head><frameset rows='*,*'><frame><frame></frameset>"),
    "frameset alone": of_text("<frameset cols=*><frame></frameset><noframes><body>x</noframes>"),
    "frameset after a comment": of_text("<!doctype html><!-- x --> <frameset><frame></frameset>"),
    "frameset after an empty text": of_text("<p hidden> <frameset><frame></frameset>"),
    "table": of_text("<table>x<tr><td>y<head id=a></table>"),
    "cells alone": of_text("<tr><td>x</td></tr><caption>y"),
    "select": of_text("<!doctype html><select><head id=a><option>x<table><option>y</select>"),
    "svg": of_text("<svg viewBox='0 0 1 1'><title>x</title><head id=a><foreignObject><p>y</svg>z"),
    "math": of_text("<math><mi>x</mi><annotation-xml encoding='text/html'><head id=a><p>y</math>z"),
    "CDATA in svg": of_text("<!doctype html><body><svg><![CDATA[<head id=a>]]></svg>"),
    "template": of_text("<template><head id=a><tr><td>x</template><head id=b><title>y</title>"),
    "template in the head": of_text("<head><template><div>x</div></template><title>y</title></head>"),
    "shadow root": of_text("<div><template shadowrootmode=open><style>p{}</style><p>x</template></div>"),
    "noscript first": of_text("<noscript><img src='<head>'></noscript><head id=a><title>x</title>"),
    "noscript in the head": of_text("<head><noscript><link rel=x><!-- </noscript> --></head><p>y"),
    "plaintext": of_text("<!doctype html><plaintext><head></plaintext><p>x"),
    "textarea": of_text("<textarea><head id=a></head><p></textarea><head id=b>x"),
    "title": of_text("<title><head id=a><!-- </title><head id=b>x"),
    "xmp": of_text("<xmp><head id=a></xmp><head id=b>x"),
    "iframe": of_text("<iframe srcdoc='<head>x'><head id=a></iframe><head id=b>x"),
    "style": of_text("<style>/* <head id=a> */ p::before { content: '</p>' }</style><head id=b>x"),
    "bgsound": of_text("<bgsound><basefont><head id=a><base href=x><title>y</title>"),
    "picture and image": of_text("<image alt=x><picture><source></picture><head id=a>"),
    "form and isindex": of_text("<form><isindex prompt=x><form><head id=a></form>"),
    "misnested": of_text("<b><p>x</b>y<a>1<a>2</p><head id=a>"),
    # scripts that hold markup, or look at the page
    "script with a comment": of_text(
        "<script>var a = '<!-- <script>'; '</script>'; -->'</script><head id=a>x"
    ),
    "script with a nested one": of_text(
        "<head><script><!-- <script> x </script> <head id=a> --></script><title>y</title></head>"
    ),
    "script cut short": of_text("<head><script>'<!--<script>'</script><title>x</title>"),
    "script that writes": of_text(
        "<head><script>document.write('<meta name=x><p>y')</script><title>z</title>"
    ),
    "script that counts": of_text(
        "<head><title>x</title></head><body><script>document.title += document.body.children.length</script>"
    ),
    # encodings
    "Latin-1 in a meta": of_text("<!doctype html><head><meta charset=latin1><title>Größe</title>", "latin-1"),
    "Latin-1 in the header": of_text("<!doctype html><head><title>Größe</title>", "latin-1", "iso-8859-1"),
    "Latin-1 nowhere": of_text("<!doctype html><head><title>Größe</title>", "latin-1"),
    "UTF-8 nowhere": of_text("<!doctype html><head><title>Größe €</title>"),
    "Shift_JIS in a meta": of_text(
        f"<html lang='ja'><head>{_PRAGMA}<title>{_JAPANESE}</title><p title='表'>ソ", "shift_jis"
    ),
    "Shift_JIS in the header": of_text(f"<!-- {_JAPANESE} --><head><p>{_JAPANESE}", "shift_jis", "Shift_JIS"),
    "ISO-2022-JP": of_text(f"<!-- {_JAPANESE} --><head><p>{_JAPANESE}", "iso-2022-jp", "iso-2022-jp"),
    "EUC-JP in a meta": of_text(f"<meta charset=euc-jp><title>{_JAPANESE}</title>", "euc-jp"),
    "GB18030": of_text("<!doctype html><!-- 中文 --><head><title>中文\u20ac</title>", "gb18030", "gb18030"),
    "Big5 in a meta": of_text("<head><meta charset='big5'><title>功能許蓋</title>", "big5"),
    "UTF-16LE with a mark": Document(codecs.BOM_UTF16_LE + "<head><title>日本 é</title>".encode("utf-16-le")),
    "UTF-16BE with a mark": Document(codecs.BOM_UTF16_BE + "<p>日本 é".encode("utf-16-be"), "utf-8"),
    "UTF-16LE in the header": of_text("<!-- \u3c3e --><head><p>日本", "utf-16-le", "utf-16le"),
    "UTF-16BE in the header": of_text("<!doctype html>日本", "utf-16-be", "UTF-16BE"),
    "UTF-16LE that begins as XML does": Document(
        "<?xml version='1.0'?><!doctype html><head><p>жук и ёж".encode("utf-16-le")
    ),
    "UTF-16BE that begins as XML does": Document(
        "<?xml version='1.0'?><!doctype html><p>жук и ёж".encode("utf-16-be")
    ),
    "UTF-16LE that begins as XML does, and a header that says otherwise": Document(
        "<?xml version='1.0'?><p>x".encode("utf-16-le"), "utf-8"
    ),
    "UTF-16 of odd length": Document("<head><p>日本".encode("utf-16-le") + b"x", "utf-16le"),
    "UTF-16 in a meta": of_text("<head><meta charset=utf-16le><title>Größe</title>"),
    "UTF-8 with a mark": Document(codecs.BOM_UTF8 + "<!doctype html><title>Größe</title>".encode()),
    "a mark against the header": Document(codecs.BOM_UTF8 + "<p>Größe".encode(), "shift_jis"),
    "a mark against the meta": Document(codecs.BOM_UTF8 + "<head><meta charset=latin1><p>Größe".encode()),
    "a mark twice": Document(codecs.BOM_UTF8 * 2 + b"<!doctype html><head><title>x</title>"),
    "a mark after the doctype": of_text("<!doctype html>\ufeff<head id=a><title>x</title>"),
    "a meta against the header": of_text("<head><meta charset=latin1><title>Größe</title>", "utf-8", "utf-8"),
    "an unknown label in the header": of_text("<head><meta charset=latin1><title>Größe</title>", charset="x"),
    "an unknown label in the meta": of_text(
        "<head><meta charset=x><meta charset=koi8-r><title>Größe</title>"
    ),
    "x-user-defined": of_text("<head><meta charset=x-user-defined><title>Größe</title>"),
    "bytes that are no text": Document(bytes(range(1, 256)) + b"<head id=a><p>x", "windows-1252"),
    # nothing says how these are encoded: browsers go by their bytes
    **{
        f"{codec} nowhere": of_text(
            f"<!doctype html><html><head><title>{text}</title></head><body><h1>{text}</h1><p>{text * 3}",
            codec,
        )
        for codec, text in (
            ("cp1251", "Съешь же ещё этих мягких французских булок, да выпей чаю. "),
            ("koi8-r", "Съешь же ещё этих мягких французских булок, да выпей чаю. "),
            ("shift_jis", "色は匂へど散りぬるを、我が世誰ぞ常ならむ。カタカナ"),
            ("euc_jp", "色は匂へど散りぬるを、我が世誰ぞ常ならむ。カタカナ"),
            ("euc_kr", "키스의 고유조건은 입술끼리 만나야 하고 특별한 기술은 필요치 않다. "),
            ("gb2312", "我能吞下玻璃而不伤身体。视野无限广。窗外有蓝天。"),
            ("big5", "我能吞下玻璃而不傷身體。視野無限廣。窗外有藍天。"),
            ("iso-8859-7", "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. "),
            ("cp1252", "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. "),
            ("iso-8859-2", "Příliš žluťoučký kůň úpěl ďábelské ódy. "),
        )
    },
    "a little Russian nowhere": of_text("<title>привет</title><p>x", "cp1251"),
    # a meta at the border of what browsers search for one
    **{
        f"meta that ends at {end}": of_text(meta_at(end, '<meta charset="koi8-r">'))
        for end in (900, 970, 1000, 1023, 1024, 1025, 1030, 1046, 1050, 1100)
    },
    **{
        f"pragma that ends at {end}": of_text(meta_at(end, _PRAGMA, "<!doctype html><html>"))
        for end in (960, 1010, 1024, 1030, 1060)
    },
    "unknown label, and a meta that ends at 1000": Document(
        of_text(meta_at(1000, '<meta charset="koi8-r">')).body, "x-unknown"
    ),
    "meta after scripts": of_text(
        f"<head><script>{'//' * 200}</script><style>{'/**/' * 100}</style>"
        f"<title>{'x' * 90}</title><meta charset=koi8-r><p>Größe"
    ),
    "meta in the body": of_text(f"<head></head><body><p>{'x' * 960}<meta charset=koi8-r>Größe"),
    "meta in the body after a list": of_text(f"<ul>{'<li>x</li>' * 96}<meta charset=koi8-r>Größe"),
    "meta in a script": of_text(f"<head><script>{'//' * 460}'<meta charset=koi8-r>'</script><p>Größe"),
    "meta in a comment": of_text(f"<head><!-- {'x' * 940} <meta charset=koi8-r> --><p>Größe"),
    "meta in a title": of_text(f"<head><title>{'x' * 940}<meta charset=koi8-r></title><p>Größe"),
    "meta in a textarea": of_text(f"<body><textarea>{'x' * 940}<meta charset=koi8-r></textarea><p>Größe"),
    "meta in a template": of_text(f"<head><template>{'x' * 940}<meta charset=koi8-r></template><p>Größe"),
    "meta in svg": of_text(f"<body><svg><desc>{'x' * 940}</desc><meta charset=koi8-r></svg><p>Größe"),
    "meta in a noscript": of_text(f"<head><noscript>{' ' * 940}<meta charset=koi8-r></noscript><p>Größe"),
    "meta in an attribute": of_text(
        f"<head><meta name=x content='{'x' * 930}<meta charset=koi8-r>'><p>Größe"
    ),
    "meta with charset after the content": of_text(
        f"<head><!-- {'x' * 910} --><meta content='text/html; charset=koi8-r' http-equiv=content-type>Größe"
    ),
    "meta without a label": of_text(f"<head><!-- {'x' * 950} --><meta charset=''><p>Größe"),
    "policy in a meta": of_text(
        "<head><meta http-equiv=Content-Security-Policy content=\"script-src 'none'\"><title>x</title>"
    ),
}
"""Documents to show with and without the tag, by what is odd about them."""
