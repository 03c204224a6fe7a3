"""What artifacts report: many files of many formats become one set of counts. Pure; runs in the sandbox."""
