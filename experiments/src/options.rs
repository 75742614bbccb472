//! Flags of cells: problems and a language model of the user's in place of the closed worlds.

use crate::pipeline::{Cell, Form};
use crate::place::Place;
#[cfg(feature = "models")]
use anyhow::Context;
use anyhow::{Result, bail};
use eightfold_harness::Opening;
use eightfold_harness::Preset;
use std::path::PathBuf;

/// Whose problems, and which model.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Options {
    /// Run on problems of your own in this form, with a language model of your own, in place of the closed worlds.
    #[arg(long, value_enum, requires_all = ["data", "model"], help_heading = "Your own problems and model")]
    pub world: Option<Form>,
    /// Folder of the problems.
    #[arg(long, value_name = "DIR", requires = "world", help_heading = "Your own problems and model")]
    pub data: Option<PathBuf>,
    /// Folder of a model in the form of Hugging Face (Llama, Qwen2 or Qwen3).
    #[arg(long, value_name = "DIR", requires = "world", help_heading = "Your own problems and model")]
    pub model: Option<PathBuf>,
    /// Only problems whose given solution has at most this many lines before its answer.
    #[arg(long, value_name = "N", requires = "world", help_heading = "Your own problems and model")]
    pub lines: Option<usize>,
    /// Training problems, as 64,256; those of the preset without it.
    #[arg(long, value_delimiter = ',', requires = "world", help_heading = "Your own problems and model")]
    pub sizes: Option<Vec<usize>>,
    /// Methods, as sft,rft; all of the figure without it.
    #[arg(long, value_delimiter = ',', requires = "world", help_heading = "Your own problems and model")]
    pub methods: Option<Vec<String>>,
    /// Keep the checkpoint of each finished cell, as a folder that `transformers` loads.
    #[arg(long, requires = "world", help_heading = "Your own problems and model")]
    pub keep: bool,
    /// Threads of a cell. No result depends on them.
    #[arg(long)]
    pub threads: Option<usize>,
}

impl Options {
    /// The place that the flags ask for.
    ///
    /// # Errors
    /// If there is no such device, or the model or the problems cannot be read.
    pub fn open(&self, Opening { root, cache, device }: Opening) -> Result<Place> {
        if self.threads == Some(0) {
            bail!("--threads is at least 1");
        }
        let place = Place::new(root, cache, &device)?;
        let (Some(form), Some(data), Some(model)) = (self.world, &self.data, &self.model) else {
            return Ok(place);
        };
        #[cfg(feature = "models")]
        {
            let outside = crate::outside::Outside::open(model, form, data, self.lines, self.keep)?;
            Ok(Place { outside: Some(outside), ..place })
        }
        #[cfg(not(feature = "models"))]
        {
            let _ = (form, data, model, place);
            bail!("--world: this build has no language models; build it with --features models")
        }
    }

    /// A cell of a figure on the user's problems and model.
    pub fn elsewhere(&self, cell: &Cell, place: &Place, preset: Preset) -> Option<Cell> {
        #[cfg(feature = "models")]
        {
            place.outside.as_ref()?.cell(cell, &self.asked(None), preset)
        }
        #[cfg(not(feature = "models"))]
        {
            let _ = (cell, place, preset);
            None
        }
    }

    /// The cells of figure 7 on the user's model and problems.
    ///
    /// # Errors
    /// If there are none, or a method is unknown.
    #[cfg(feature = "models")]
    pub fn cells(&self, place: &Place, preset: Preset, seeds: Option<u64>) -> Result<Vec<Cell>> {
        let outside = place.outside.as_ref().context("--world, --data and --model name them")?;
        outside.cells(&self.asked(seeds), preset)
    }

    #[cfg(feature = "models")]
    fn asked(&self, seeds: Option<u64>) -> crate::outside::Asked {
        crate::outside::Asked { sizes: self.sizes.clone(), methods: self.methods.clone(), seeds }
    }
}
