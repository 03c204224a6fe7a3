"""The parts of what people read on a commit; `handlers.quality_gate.text` puts them together. Pure."""
