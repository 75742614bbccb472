//! The report: one page of HTML that holds every figure, its claims and what is behind them, and loads nothing.

mod cost;
mod markdown;
mod page;
mod view;
mod worked;

pub use page::report;
