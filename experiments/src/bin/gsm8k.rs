//! `just gsm8k`: the whole method on a language model in a folder and problems in the form of GSM8K.

fn main() -> anyhow::Result<()> {
    eightfold_experiments::real::command::main()
}
