//! Bases as files: those of the figure are committed, any other is trained once and kept in the cache.

use super::net::StarNet;
use super::pretraining::pretrain;
use crate::pipeline::{StarBase, digest};
use anyhow::{Context, Result, bail};
use burn::store::{ModuleSnapshot, SafetensorsStore};
use burn::tensor::Device;
use eightfold_task::stargraph::StarConfig;
use std::path::{Path, PathBuf};

/// Raised by hand when the same recipe would mean another base.
const RECIPE: u32 = 1;

/// Where bases are, and where they are loaded to.
#[derive(Clone, Copy)]
pub struct Folders<'a> {
    /// Root of the repository.
    pub root: &'a Path,
    /// The cache.
    pub cache: &'a Path,
    /// The device.
    pub device: &'a Device,
}

/// The committed base of this recipe, or the one in the cache; trained and kept there if there is neither.
///
/// # Errors
/// If a file cannot be read or written, or training fails.
pub fn find_or_train(
    world: &StarConfig,
    base: &StarBase,
    folders: &Folders<'_>,
    watch: &mut dyn FnMut(f64),
) -> Result<StarNet> {
    let [committed, cached] = paths(world, base, folders);
    if let Some(path) = [&committed, &cached].into_iter().find(|path| path.exists()) {
        return load(world, base, path, folders.device);
    }
    let net = pretrain(world, base, folders.device, watch)?;
    save(&net, &cached)?;
    Ok(net)
}

/// Where the base of a recipe is looked for: in the repository, in the cache.
pub fn paths(world: &StarConfig, base: &StarBase, folders: &Folders<'_>) -> [PathBuf; 2] {
    let name =
        format!("star-{}-{}.safetensors", base.seed, &digest(&("star base", RECIPE, world, base))[..8]);
    [folders.root.join("experiments/base").join(&name), folders.cache.join("bases").join(name)]
}

fn load(world: &StarConfig, base: &StarBase, path: &Path, device: &Device) -> Result<StarNet> {
    let mut net = base.net.init(world.labels, device);
    let result = net
        .load_from(&mut SafetensorsStore::from_file(path))
        .map_err(|e| anyhow::anyhow!("{}", e.to_string().lines().next().unwrap_or_default()))
        .with_context(|| format!("{} is no base of this network", path.display()))?;
    if !result.is_success() {
        bail!("{} lacks weights of this network; delete it", path.display());
    }
    Ok(net)
}

/// Writes a base. It appears under its name only when it is complete.
fn save(net: &StarNet, path: &Path) -> Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let part = path.with_extension(format!("part-{}.safetensors", std::process::id()));
    net.save_into(&mut SafetensorsStore::from_file(&part))
        .map_err(|e| anyhow::anyhow!("cannot write {}: {e}", part.display()))?;
    std::fs::rename(&part, path).with_context(|| format!("cannot write {}", path.display()))
}

/// Copies the base of a recipe from the cache into the repository.
///
/// # Errors
/// If it is not in the cache, or cannot be copied.
pub fn commit(world: &StarConfig, base: &StarBase, folders: &Folders<'_>) -> Result<PathBuf> {
    let [committed, cached] = paths(world, base, folders);
    std::fs::copy(&cached, &committed).with_context(|| format!("cannot copy {}", cached.display()))?;
    Ok(committed)
}
