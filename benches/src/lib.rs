//! Only bench targets and the binary `bench-torch` live here.
