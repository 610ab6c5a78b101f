//! The whole protocol in one process: real agents against a real registry with its custodian, and
//! registries that cheat. Every catch has its control: the same run, honest, passes.

mod cheating;
mod copies;
mod honest;
mod house;
mod http;
mod local;
mod malice;
mod quorum;
mod screened;
mod screening;
mod staged;
