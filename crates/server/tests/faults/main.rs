//! A client against servers at fault: no request lost, none stored twice, the result that of an undisturbed
//! run.

mod http;
mod mock;
mod responses;
mod sockets;
