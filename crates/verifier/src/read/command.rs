//! What LaTeX commands do to the tokens around them.

/// What a command is.
pub(super) enum Role {
    /// It only sizes or styles what stands beside it.
    Invisible,
    /// A space of that many letters, to which other letters may be glued by mistake: `\quadx`.
    Spacing(usize),
    /// It and its argument draw nothing that is read.
    Hidden,
    /// Its argument is running text.
    Text,
    /// Its argument is set in another face.
    Face,
    /// A sign.
    Sign(char),
    /// A name or an operation.
    Other,
}

/// The role of the command of this name.
pub(super) fn role(name: &str) -> Role {
    if INVISIBLE.contains(&name) {
        Role::Invisible
    } else if let Some(space) = ["qquad", "quad"].into_iter().find(|space| name.starts_with(space)) {
        Role::Spacing(space.len())
    } else if matches!(name, "hspace" | "phantom" | "vspace" | "hphantom" | "label" | "color" | "textcolor") {
        Role::Hidden
    } else if TEXT.contains(&name) {
        Role::Text
    } else if FACE.contains(&name) {
        Role::Face
    } else {
        sign_of(name).map_or(Role::Other, Role::Sign)
    }
}

/// Commands that only space or size what they stand beside.
const INVISIBLE: &[&str] = &[
    "left",
    "right",
    "big",
    "Big",
    "bigg",
    "Bigg",
    "bigl",
    "bigr",
    "Bigl",
    "Bigr",
    "biggl",
    "biggr",
    "middle",
    "displaystyle",
    "tiny",
    "small",
    "normalsize",
    "large",
    "Large",
    "LARGE",
    "huge",
    "Huge",
    "textstyle",
    "scriptstyle",
    "limits",
    "nolimits",
    "thinspace",
    "negthinspace",
    "enspace",
    "mathop",
    "mathrel",
    "mathbin",
    "ensuremath",
    "rm",
    "bf",
    "it",
    "tt",
    "sf",
    "strut",
    "hfill",
    "boldsymbol",
    "mathstrut",
    "vec",
    "hline",
    "underline",
];

/// Commands whose argument is running text.
const TEXT: &[&str] =
    &["text", "textbf", "textit", "textrm", "texttt", "textsf", "mbox", "hbox", "emph", "textnormal"];

/// Commands whose argument is set in another face.
const FACE: &[&str] =
    &["mathrm", "mathbf", "mathit", "mathsf", "mathtt", "operatorname", "mathcal", "bm", "pmb", "mathbb"];

fn sign_of(name: &str) -> Option<char> {
    Some(match name {
        "cdot" | "times" | "ast" | "bullet" => '*',
        "div" => '/',
        "le" | "leq" | "leqslant" | "leqq" => '≤',
        "ge" | "geq" | "geqslant" | "geqq" => '≥',
        "lt" => '<',
        "gt" => '>',
        "ne" | "neq" => '≠',
        "in" => '∈',
        "cup" | "bigcup" => '∪',
        "cap" | "bigcap" => '∩',
        "setminus" | "backslash" | "smallsetminus" => '∖',
        "pm" => '±',
        "mp" => '∓',
        "infty" | "infin" => '∞',
        "approx" | "simeq" | "cong" | "doteq" | "sim" => '≈',
        "equiv" => '≡',
        "to" | "rightarrow" | "Rightarrow" | "implies" | "longrightarrow" | "iff" | "Leftrightarrow" => '→',
        "emptyset" | "varnothing" => '∅',
        "circ" | "degree" | "degrees" => '°',
        "ldots" | "dots" | "cdots" | "dotsc" => '…',
        "prime" => '\'',
        "colon" => ':',
        "mid" | "vert" | "lvert" | "rvert" => '|',
        "Vert" | "lVert" | "rVert" => '‖',
        "langle" => '⟨',
        "rangle" => '⟩',
        "lbrace" => '⟦',
        "rbrace" => '⟧',
        "lparen" => '(',
        "rparen" => ')',
        "lbrack" => '[',
        "rbrack" => ']',
        "lfloor" => '⌊',
        "rfloor" => '⌋',
        "lceil" => '⌈',
        "rceil" => '⌉',
        "lor" | "vee" => '∨',
        "land" | "wedge" => '∧',
        "newline" => '⏎',
        "dollar" | "textdollar" => '$',
        "pounds" => '£',
        "euro" => '€',
        "percent" => '%',
        _ => return None,
    })
}
