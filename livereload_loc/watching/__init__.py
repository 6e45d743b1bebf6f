"""Watching files: every save is told once, as soon as its files are whole."""

from livereload_loc.changes import Batch
from livereload_loc.watching.events import Ignored, Notice
from livereload_loc.watching.loops import LoopDetector, Verdict, cure
from livereload_loc.watching.watcher import Watcher, watch

__all__ = ["Batch", "Ignored", "LoopDetector", "Notice", "Verdict", "Watcher", "cure", "watch"]
