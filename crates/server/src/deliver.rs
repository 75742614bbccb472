//! Answers in the order of what was asked.

use crate::groups::Group;
use crate::{Answer, Refusal, ServerError};
use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc;

/// What a worker sends: a group, and its answers.
pub(crate) type Done<'a> = (&'a Group, Result<Result<Vec<Answer>, Refusal>, ServerError>);

/// Hands answers on in order. After a failure those that were under way are waited for.
pub(crate) fn deliver(
    receiver: mpsc::Receiver<Done>,
    take: &mut dyn FnMut(usize, Result<Answer, Refusal>) -> io::Result<()>,
) -> Result<(), ServerError> {
    let (mut waiting, mut next, mut failure) = (BTreeMap::new(), 0, None);
    for (group, answers) in receiver {
        match answers {
            Ok(answers) => {
                for start in &group.starts {
                    waiting.extend((0..group.len).map(|i| {
                        let drawn = answers.as_ref().map(|answers| answers[i].clone());
                        (start + i, drawn.map_err(Clone::clone))
                    }));
                }
            }
            // The first failure is the cause; requests that stopped because of it say nothing.
            Err(ServerError::Stopped) => {}
            Err(error) => failure = failure.or(Some(error)),
        }
        while let Some(answer) = waiting.remove(&next) {
            take(next, answer)?;
            next += 1;
        }
    }
    failure.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::choices;

    #[test]
    fn answers_are_handed_on_in_order() {
        let answer = |text: &str| choices(&format!(r#"{{"choices": [{{"text": "{text}"}}]}}"#)).unwrap();
        let all = [0, 1, 2].map(|start| Group { starts: vec![start], len: 1 });
        let (sender, receiver) = mpsc::channel();
        for (i, text) in [(2, "c"), (0, "a"), (1, "b")] {
            sender.send((&all[i], Ok(Ok(answer(text))))).unwrap();
        }
        drop(sender);
        let mut taken = Vec::new();
        deliver(receiver, &mut |i, answer| {
            taken.push((i, answer.unwrap().text));
            Ok(())
        })
        .unwrap();
        assert_eq!(taken, [(0, "a".into()), (1, "b".into()), (2, "c".into())]);
    }
}
