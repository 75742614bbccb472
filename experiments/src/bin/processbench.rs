//! `just processbench`: first pits by rollouts of a local model beside labelled first wrong steps.

fn main() -> anyhow::Result<()> {
    eightfold_experiments::processbench::main()
}
