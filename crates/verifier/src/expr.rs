//! What a parsed number says, before anything is computed.

use crate::number::Rational;

/// A scalar expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    Number(Rational),
    Symbol(String),
    Pi,
    E,
    I,
    Infinity,
    Sum(Vec<Expr>),
    Product(Vec<Expr>),
    Neg(Box<Expr>),
    Quotient(Box<Expr>, Box<Expr>),
    Power(Box<Expr>, Box<Expr>),
    /// The principal root of this index; real for odd indices of negative numbers.
    Root(u32, Box<Expr>),
    Call(Function, Vec<Expr>),
    /// `±` (true) or `∓` (false) before a term.
    PlusMinus(bool, Box<Expr>),
    Percent(Box<Expr>),
    Degrees(Box<Expr>),
}

/// A function with a fixed meaning, or one that is only a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Function {
    Sin,
    Cos,
    Tan,
    Cot,
    Sec,
    Csc,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    /// cos x + i sin x.
    Cis,
    Exp,
    Ln,
    /// A logarithm without a base: ten to some, e to others, so that its base is an unknown here.
    Log,
    /// A logarithm to a base: the base, then the argument.
    LogBase,
    Abs,
    Floor,
    Ceil,
    Factorial,
    Binomial,
    Gcd,
    Lcm,
    Max,
    Min,
    Named(String),
}

impl Expr {
    /// Whether a `±` stands anywhere inside.
    pub(crate) fn has_plus_minus(&self) -> bool {
        matches!(self, Self::PlusMinus(..)) || self.children().iter().any(|child| child.has_plus_minus())
    }

    /// The number of nodes.
    pub(crate) fn size(&self) -> usize {
        1 + self.children().iter().map(|child| child.size()).sum::<usize>()
    }

    /// Whether an unknown stands anywhere inside.
    pub(crate) fn has_symbol(&self) -> bool {
        matches!(self, Self::Symbol(_)) || self.children().iter().any(|child| child.has_symbol())
    }

    /// The names of the unknowns in it, each as often as it stands there.
    pub(crate) fn symbols(&self) -> Vec<&str> {
        match self {
            Self::Symbol(name) => vec![name],
            _ => self.children().into_iter().flat_map(Self::symbols).collect(),
        }
    }

    /// The expressions directly inside.
    pub(crate) fn children(&self) -> Vec<&Expr> {
        match self {
            Self::Number(_) | Self::Symbol(_) | Self::Pi | Self::E | Self::I | Self::Infinity => Vec::new(),
            Self::Sum(all) | Self::Product(all) | Self::Call(_, all) => all.iter().collect(),
            Self::Neg(x) | Self::Root(_, x) | Self::PlusMinus(_, x) | Self::Percent(x) | Self::Degrees(x) => {
                vec![x]
            }
            Self::Quotient(a, b) | Self::Power(a, b) => vec![a, b],
        }
    }

    /// `Some(negative)` for plus or minus infinity.
    pub(crate) fn infinite(&self) -> Option<bool> {
        match self {
            Self::Infinity => Some(false),
            Self::Neg(inner) => inner.infinite().map(|negative| !negative),
            _ => None,
        }
    }

    /// Whether rational numbers in it are still to be added, multiplied or divided: `17*23`, `1/2 + 1/3`.
    pub(crate) fn is_operation(&self) -> bool {
        let open = |part: &Self| match part {
            Self::Sum(terms) => terms.iter().filter(|term| term.is_plain()).count() > 1,
            Self::Product(factors) => {
                let ten = |factor: &&Self| matches!(factor, Self::Power(base, _) if matches!(&**base, Self::Number(ten) if *ten == crate::number::whole(10)));
                factors.iter().filter(|factor| factor.is_plain()).count() > 1
                    && !factors.iter().any(|f| ten(&f))
            }
            _ => false,
        };
        self.any(&open)
    }

    /// Whether it is built from numerals and i by adding, multiplying and dividing alone.
    pub(crate) fn is_arithmetic(&self) -> bool {
        match self {
            Self::Number(_) | Self::I => true,
            Self::Sum(_) | Self::Product(_) | Self::Neg(_) | Self::Quotient(..) => {
                self.children().into_iter().all(Self::is_arithmetic)
            }
            _ => false,
        }
    }

    /// Whether this is a numeral, or a quotient of two, with its sign.
    fn is_plain(&self) -> bool {
        match self {
            Self::Number(_) => true,
            Self::Neg(inside) => inside.is_plain(),
            Self::Quotient(a, b) => a.is_plain() && b.is_plain(),
            _ => false,
        }
    }

    /// Whether this expression, or one anywhere inside, is such a one.
    pub(crate) fn any(&self, is: &impl Fn(&Self) -> bool) -> bool {
        is(self) || self.children().iter().any(|child| child.any(is))
    }

    /// The expression with `±` decided: plus where `upper`, with `∓` the other way.
    pub(crate) fn with_sign(&self, upper: bool) -> Self {
        match self {
            Self::PlusMinus(plus, x) if *plus == upper => x.with_sign(upper),
            Self::PlusMinus(_, x) => Self::Neg(Box::new(x.with_sign(upper))),
            _ => self.rebuilt(&|x| x.with_sign(upper)),
        }
    }

    /// The expression with another in place of a name.
    pub(crate) fn with(&self, name: &Self, other: &Self) -> Self {
        if self == name { other.clone() } else { self.rebuilt(&|x| x.with(name, other)) }
    }

    /// The expression with its children changed.
    fn rebuilt(&self, change: &dyn Fn(&Self) -> Self) -> Self {
        let one = |x: &Self| Box::new(change(x));
        let all = |x: &[Self]| x.iter().map(change).collect();
        match self {
            Self::PlusMinus(plus, x) => Self::PlusMinus(*plus, one(x)),
            Self::Neg(x) => Self::Neg(one(x)),
            Self::Sum(x) => Self::Sum(all(x)),
            Self::Product(x) => Self::Product(all(x)),
            Self::Call(function, x) => Self::Call(function.clone(), all(x)),
            Self::Quotient(a, b) => Self::Quotient(one(a), one(b)),
            Self::Power(a, b) => Self::Power(one(a), one(b)),
            Self::Root(index, x) => Self::Root(*index, one(x)),
            Self::Percent(x) => Self::Percent(one(x)),
            Self::Degrees(x) => Self::Degrees(one(x)),
            Self::Number(_) | Self::Symbol(_) | Self::Pi | Self::E | Self::I | Self::Infinity => self.clone(),
        }
    }
}
