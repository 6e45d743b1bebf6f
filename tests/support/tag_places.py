"""HTML documents with the place where the tag has to go."""

from __future__ import annotations

MARK = "^"
"""Stands for the tag in ``PLACES``; no document there has it otherwise."""

PLACES = [
    # the plain cases
    "<!doctype html><html><head>^<title>x</title></head><body>x</body></html>",
    "<!DOCTYPE HTML>\n<HTML LANG=en>\n<HEAD CLASS='x'>^\n",
    "<head/>^",
    "<html/><head>^",
    # pages without head or body tags: where the parser would open the head
    "^",
    "^hello",
    " \n\t^hello",
    "<!doctype html>^",
    "<!doctype html>\n^<p>x",
    "<!doctype html>^<title>x</title>",
    "<html>^<body>",
    "<html>\n^</html>",
    "^</body>",
    "^</br>",
    "</p></div>^<p>",
    "^<frameset><frame></frameset>",
    "^<noscript><head></noscript>",
    "^<template><head></template>",
    "^<svg><head></svg>",
    "^<table><head>",
    "^<header><p>",
    "\x00<head>^",
    "\x00 <!doctype html>\x00\n<html>\x00<head>^",
    "\x00\x00^x\x00<head>",
    "^<a href='<head>'>",
    # never before a doctype, never inside a comment
    "<!-- <head> --><!doctype html><head>^",
    "<!doctype html><!-- a > b <head> --><head>^",
    "<!--><head>^",
    "<!---><head>^",
    "<!----><head>^",
    "<!-- x --!><head>^",
    "<!-- x -- > --><head>^",
    "<!-- <!-- --><head>^",
    '<!doctype html SYSTEM "x>^y"<head>',
    "<!doctype><head>^",
    # bogus comments
    "<?xml version='1.0'?><!doctype html><head>^",
    "<!ELEMENT br EMPTY><head>^",
    "<![CDATA[ <head> ^]]>",
    "</ <head>^",
    "</><head>^",
    "</1 x><head>^",
    "<!-x><head>^",
    # attributes
    "<html data-x='<head>' lang=\">\"><head>^",
    "<html =x><head>^",
    "<html a='b'c=\"d\"/e><head>^",
    "<html a=b>^c><head>",
    "<html a = ' > ' ><head>^",
    "<html a='x\n>'\n><head\n>^",
    '<html a="\'"><head>^',
    '<html "><head>^',
    "<html/ / a/b=/><head>^",
    # white space may be written as a reference
    "&#10;<!doctype html><head>^",
    "&#x0A; &#009\n&#xd;&#0032<!doctype html>&NewLine;&Tab;<html>&#12;<head>^",
    "&#10;^<p>x",
    "<!doctype html>&#32^<p>x",
    "<!doctype html>&#10;^",
    "<!doctype html>&#10^",
    "<!doctype html>^&#1",
    "^&#100;<head>",
    "^&#x20A;<head>",
    "^&#0;<head>",
    "^&nbsp;<head>",
    "^&Tab<head>",
    "^&amp<head>",
    "^&<head>",
    # not tags at all
    "^<",
    "^< head>",
    "^</",
    "^<3 <head>",
    "^&lt;head>",
    # more than one html tag, a second doctype
    "<html><html><!doctype html><head>^<head>",
    # ends within a tag, which the parser drops
    "^<html",
    "<html>^<head",
    "^<html a='",
    "^<p",
    "^</p",
]
"""Documents with the mark where the tag has to go."""
