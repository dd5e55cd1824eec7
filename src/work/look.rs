//! What is known of an image file without taking it into a library.

use std::fs::File;
use std::path::Path;

use crate::store::{PhotoFacts, PhotoRecord};
use crate::work::WorkError;
use crate::work::photo_file::{Content, Unusable};

/// Reads the facts of an image file, inside or outside any library; its path stands as it was given.
pub fn look_at(path: &Path) -> Result<PhotoRecord, WorkError> {
    let unread = |error| Unusable::Because(format!("cannot be read: {error}")).at(path);
    let file = File::open(path).map_err(unread)?;
    let about = file.metadata().map_err(unread)?;
    if about.is_dir() {
        return Err(Unusable::Because("a folder is no image".to_owned()).at(path));
    }
    let (content, id) = Content::read(Box::new(file), &|| true).map_err(|why| why.at(path))?;
    let header = content.header(&|| true).map_err(|why| why.at(path))?;
    let facts = PhotoFacts {
        id,
        bytes: about.len(),
        width: header.width(),
        height: header.height(),
        taken: header.taken().map(str::to_owned),
        camera: header.camera().map(str::to_owned),
    };
    Ok(PhotoRecord { facts, paths: vec![path.to_owned()] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_told_and_what_is_none_is_refused_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let (picture, text) = (folder.path().join("a.png"), folder.path().join("b.txt"));
        image::RgbImage::new(8, 6).save(&picture).unwrap();
        std::fs::write(&text, "no picture").unwrap();
        let record = look_at(&picture).unwrap();
        assert_eq!((record.facts.width, record.facts.height), (8, 6));
        for (wrong, why) in [(text, "b.txt"), (folder.path().join("c.png"), "c.png"), (folder.path().into(), "folder")]
        {
            assert!(look_at(&wrong).unwrap_err().to_string().contains(why));
        }
    }
}
