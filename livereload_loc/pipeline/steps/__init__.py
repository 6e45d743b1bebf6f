"""What a change passes before pages are told: a build, a restart."""
