//! Only bench targets live here.
