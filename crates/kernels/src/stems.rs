//! Which prompts begin which: what has to be read once.

/// A text to be read, and the prompts that are beginnings of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Stem {
    /// The tokens of the longest prompt.
    pub tokens: Vec<u32>,
    /// How many tokens each prompt has, ascending, and the draws that continue it.
    pub prompts: Vec<(usize, Vec<usize>)>,
}

/// Prompts, each with the numbers of the draws that continue it, as stems.
pub fn joined(mut prompts: Vec<(Vec<u32>, Vec<usize>)>) -> Vec<Stem> {
    // In this order a prompt comes right before its continuations.
    prompts.sort();
    let mut stems: Vec<Stem> = Vec::new();
    for (tokens, draws) in prompts {
        let prompt = (tokens.len(), draws);
        match stems.last_mut() {
            Some(stem) if tokens.starts_with(&stem.tokens) => {
                stem.tokens = tokens;
                stem.prompts.push(prompt);
            }
            _ => stems.push(Stem { tokens, prompts: vec![prompt] }),
        }
    }
    stems
}
