"""The `hephaestus` command: one file a command group. Names, flags and JSON keys are a public interface."""
