"""Hand-written doubles of the ports, shipped for the tests of packs and forks."""
