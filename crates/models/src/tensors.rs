//! The tensors of a folder: one safetensors file, or several that an index names. Tensors are read one by one, so
//! that a model is in memory once.

use crate::ModelError;
use half::f16;
use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

pub(crate) const SINGLE: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";

/// A header above this size is damage, as in the safetensors library.
const LONGEST_HEADER: u64 = 100_000_000;

/// The opened files of a folder.
pub(crate) struct Tensors {
    shards: Vec<Shard>,
    /// Where a tensor that is not there is missed.
    path: PathBuf,
}

/// One file: its header, and where its data begin.
struct Shard {
    path: PathBuf,
    file: File,
    header: Metadata,
    data: u64,
}

/// The numbers of a tensor, widened to f32 unless they are bfloat16.
pub(crate) enum Numbers {
    F32(Vec<f32>),
    /// The upper halves of f32.
    Bf16(Vec<u16>),
}

impl Numbers {
    /// All of them as f32.
    pub(crate) fn into_f32(self) -> Vec<f32> {
        match self {
            Self::F32(numbers) => numbers,
            Self::Bf16(halves) => halves.iter().map(|half| f32::from_bits(u32::from(*half) << 16)).collect(),
        }
    }
}

/// `model.safetensors.index.json`, as far as it counts.
#[derive(Deserialize)]
struct Index {
    weight_map: HashMap<String, String>,
}

impl Tensors {
    /// Opens the files of a folder and reads their headers.
    pub(crate) fn open(folder: &Path) -> Result<Self, ModelError> {
        let index = folder.join(INDEX);
        let single = folder.join(SINGLE);
        if single.exists() || !index.exists() {
            return Ok(Self { shards: vec![Shard::open(single.clone())?], path: single });
        }
        let text = std::fs::read_to_string(&index).map_err(|source| file(&index, source))?;
        let Index { weight_map } = serde_json::from_str(&text)
            .map_err(|error| ModelError::Json { path: index.clone(), message: error.to_string() })?;
        let names: BTreeSet<&String> = weight_map.values().collect();
        let open = |name: &String| {
            let path = folder.join(name);
            if !path.exists() {
                return Err(ModelError::Shard { index: index.clone(), shard: name.clone() });
            }
            Shard::open(path)
        };
        let shards = names.into_iter().map(open).collect::<Result<_, _>>()?;
        Ok(Self { shards, path: index })
    }

    /// The numbers of a tensor of this shape.
    pub(crate) fn read(&mut self, name: &str, shape: &[usize]) -> Result<Numbers, ModelError> {
        let found = self.shards.iter_mut().find(|shard| shard.header.info(name).is_some());
        let shard =
            found.ok_or_else(|| ModelError::Missing { path: self.path.clone(), name: name.to_owned() })?;
        shard.read(name, shape)
    }
}

impl Shard {
    fn open(path: PathBuf) -> Result<Self, ModelError> {
        let damaged = |message: String| ModelError::Damaged { path: path.clone(), message };
        let mut file = File::open(&path).map_err(|source| self::file(&path, source))?;
        let found = file.metadata().map_err(|source| self::file(&path, source))?.len();
        let mut length = [0; 8];
        if found < 8 {
            return Err(damaged(format!("{found} bytes are no header")));
        }
        file.read_exact(&mut length).map_err(|source| self::file(&path, source))?;
        let header = u64::from_le_bytes(length);
        if header > LONGEST_HEADER {
            return Err(damaged(format!("a header of {header} bytes")));
        }
        let data = 8 + header;
        if data > found {
            return Err(ModelError::Truncated { path, found, promised: data });
        }
        let mut text = vec![0; header as usize];
        file.read_exact(&mut text).map_err(|source| self::file(&path, source))?;
        let header: Metadata = serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
        let promised = data + header.data_len() as u64;
        if found < promised {
            return Err(ModelError::Truncated { path, found, promised });
        }
        if found > promised {
            return Err(damaged(format!("{found} bytes, {} more than its header says", found - promised)));
        }
        Ok(Self { path, file, header, data })
    }

    fn read(&mut self, name: &str, shape: &[usize]) -> Result<Numbers, ModelError> {
        let info = self.header.info(name).expect("the caller has found it here");
        let wrong = |found: String, wanted: String| ModelError::Tensor {
            path: self.path.clone(),
            name: name.to_owned(),
            found,
            wanted,
        };
        if info.shape != shape {
            return Err(wrong(format!("{:?}", info.shape), format!("{shape:?}")));
        }
        let numbers: fn(&[u8]) -> Numbers = match info.dtype {
            Dtype::F32 => |bytes| Numbers::F32(words(bytes, f32::from_le_bytes)),
            Dtype::F16 => |bytes| Numbers::F32(words(bytes, |word| f16::from_le_bytes(word).to_f32())),
            Dtype::BF16 => |bytes| Numbers::Bf16(words(bytes, u16::from_le_bytes)),
            other => return Err(wrong(format!("{other:?}"), "F32, F16 or BF16".to_owned())),
        };
        let TensorInfo { data_offsets: (from, to), .. } = *info;
        let mut bytes = vec![0; to - from];
        self.file
            .seek(SeekFrom::Start(self.data + from as u64))
            .and_then(|_| self.file.read_exact(&mut bytes))
            .map_err(|source| file(&self.path, source))?;
        Ok(numbers(&bytes))
    }
}

fn words<const N: usize, T>(bytes: &[u8], word: impl Fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks::<N>().0.iter().map(|bytes| word(*bytes)).collect()
}

/// A file that cannot be read.
pub(crate) fn file(path: &Path, source: std::io::Error) -> ModelError {
    ModelError::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use safetensors::tensor::{TensorView, serialize};

    /// A file with one tensor `[2, 2]` of each type, 1, 2, 3 and 4.
    fn bytes() -> Vec<u8> {
        let wide: Vec<u8> = [1f32, 2.0, 3.0, 4.0].iter().flat_map(|x| x.to_le_bytes()).collect();
        let half: Vec<u8> =
            [1f32, 2.0, 3.0, 4.0].iter().flat_map(|x| f16::from_f32(*x).to_le_bytes()).collect();
        let brain: Vec<u8> =
            [1f32, 2.0, 3.0, 4.0].iter().flat_map(|x| ((x.to_bits() >> 16) as u16).to_le_bytes()).collect();
        let view = |dtype, data| TensorView::new(dtype, vec![2, 2], data).unwrap();
        let tensors = [
            ("wide", view(Dtype::F32, &wide)),
            ("half", view(Dtype::F16, &half)),
            ("brain", view(Dtype::BF16, &brain)),
            ("integers", view(Dtype::I32, &wide)),
        ];
        serialize(tensors, None).unwrap()
    }

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        folder
    }

    fn message(folder: &tempfile::TempDir) -> String {
        let error = Tensors::open(folder.path()).err().expect("the folder is bad").to_string();
        error.replace(folder.path().to_str().unwrap(), "DIR")
    }

    #[test]
    fn every_type_is_read_as_the_same_numbers() {
        let folder = folder(&[(SINGLE, &bytes())]);
        let mut tensors = Tensors::open(folder.path()).unwrap();
        for name in ["wide", "half", "brain"] {
            assert_eq!(tensors.read(name, &[2, 2]).unwrap().into_f32(), [1.0, 2.0, 3.0, 4.0], "{name}");
        }
    }

    #[test]
    fn shards_are_found_by_the_index() {
        let index = br#"{"metadata": {}, "weight_map": {"wide": "a.safetensors", "half": "a.safetensors"}}"#;
        let whole = folder(&[(INDEX, index), ("a.safetensors", &bytes())]);
        assert!(Tensors::open(whole.path()).unwrap().read("half", &[2, 2]).is_ok());
        let missing = folder(&[(INDEX, index)]);
        assert_eq!(message(&missing), "DIR/model.safetensors.index.json: the shard a.safetensors is missing");
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        let whole = bytes();
        let cut = &whole[..whole.len() - 3];
        let long = [&whole[..], &[0]].concat();
        let cases: [(&[u8], &str); 5] = [
            (cut, "the file was cut"),
            (&whole[..40], "the file was cut"),
            (&long, "1 more than its header says"),
            (b"abc", "3 bytes are no header"),
            (&[255; 16], "not a safetensors file: a header of"),
        ];
        for (bytes, why) in cases {
            let message = message(&folder(&[(SINGLE, bytes)]));
            assert!(message.starts_with("DIR/model.safetensors: ") && message.contains(why), "{message}");
        }
        assert!(message(&folder(&[])).starts_with("DIR/model.safetensors: No such file"));
    }

    #[test]
    fn what_is_wrong_with_a_tensor_is_said() {
        let folder = folder(&[(SINGLE, &bytes())]);
        let mut tensors = Tensors::open(folder.path()).unwrap();
        let mut message = |name: &str, shape: &[usize]| {
            let error = tensors.read(name, shape).err().expect("the tensor is bad").to_string();
            error.split_once("safetensors: ").unwrap().1.to_owned()
        };
        assert_eq!(message("wide", &[2, 3]), "tensor wide is [2, 2], not [2, 3]");
        assert_eq!(message("integers", &[2, 2]), "tensor integers is I32, not F32, F16 or BF16");
        assert_eq!(message("narrow", &[2, 2]), "no tensor narrow");
    }
}
