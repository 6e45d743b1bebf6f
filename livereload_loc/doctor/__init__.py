"""Why a page reloads, or does not."""
