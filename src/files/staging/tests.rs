use super::super::walk_all;
use super::*;

fn tree(folder: &Path) -> Vec<(String, String)> {
    let files = walk_all(folder).unwrap();
    files
        .iter()
        .map(|file| {
            (super::super::relative_name(file, folder).unwrap(), fs::read_to_string(file).unwrap())
        })
        .collect()
}

fn pair(name: &str, text: &str) -> (String, String) {
    (name.to_owned(), text.to_owned())
}

#[test]
fn a_new_folder_appears_whole_with_its_parents_or_not_at_all() {
    let base = tempfile::tempdir().unwrap();
    let target = base.path().join("x/y");
    let staging = Staging::open(&target, Target::Folder, false).unwrap();
    staging.put(Path::new("s/a.txt"), b"1").unwrap();
    drop(staging);
    assert!(!base.path().join("x").exists());

    let staging = Staging::open(&target, Target::Folder, false).unwrap();
    staging.put(Path::new("s/a.txt"), b"1").unwrap();
    assert!(!target.exists());
    staging.commit(&[]).unwrap();
    assert_eq!(tree(base.path()), [pair("x/y/s/a.txt", "1")]);
    assert_eq!(fs::read_dir(base.path().join("x")).unwrap().count(), 1);
}

#[test]
fn files_are_replaced_only_when_asked_and_stale_ones_removed() {
    let base = tempfile::tempdir().unwrap();
    fs::write(base.path().join("a.txt"), "old").unwrap();
    fs::write(base.path().join("b.txt"), "stale").unwrap();
    assert_eq!(
        Staging::open(base.path(), Target::Folder, false).unwrap_err().kind(),
        ErrorKind::Refused
    );
    let staging = Staging::open(base.path(), Target::Folder, true).unwrap();
    staging.put(Path::new("a.txt"), b"new").unwrap();
    staging.commit(&[PathBuf::from("b.txt")]).unwrap();
    assert_eq!(tree(base.path()), [pair("a.txt", "new")]);
    assert_eq!(fs::read_dir(base.path()).unwrap().count(), 1);
}

#[test]
fn a_failed_move_gives_the_old_files_back() {
    let base = tempfile::tempdir().unwrap();
    fs::write(base.path().join("a.txt"), "old").unwrap();
    fs::create_dir(base.path().join("c.txt")).unwrap();
    let staging = Staging::open(base.path(), Target::Folder, true).unwrap();
    for name in ["a.txt", "b.txt", "c.txt"] {
        staging.put(Path::new(name), b"new").unwrap();
    }
    assert_eq!(staging.commit(&[]).unwrap_err().kind(), ErrorKind::Io);
    assert_eq!(tree(base.path()), [pair("a.txt", "old")]);
}

#[test]
fn a_link_in_the_target_is_not_followed() {
    let (base, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::os::unix::fs::symlink(outside.path(), base.path().join("s")).unwrap();
    let staging = Staging::open(base.path(), Target::Folder, true).unwrap();
    staging.put(Path::new("s/a.txt"), b"new").unwrap();
    assert_eq!(staging.commit(&[]).unwrap_err().kind(), ErrorKind::Refused);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn left_overs_are_cleared_and_a_running_run_is_respected() {
    let base = tempfile::tempdir().unwrap();
    let target = base.path().join("out.json");
    let left_over = base.path().join(format!(".out.json{STAGING}"));
    fs::create_dir_all(left_over.join(NEW)).unwrap();
    fs::write(left_over.join(NEW).join("torn"), "x").unwrap();
    let staging = Staging::open(&target, Target::File, false).unwrap();
    let second = Staging::open(&target, Target::File, false).unwrap_err();
    assert!(second.to_string().contains("no other run on it"), "{second}");
    staging.stream(None).unwrap().write_all(b"{}").unwrap();
    staging.commit(&[]).unwrap();
    assert_eq!(tree(base.path()), [pair("out.json", "{}")]);
}

#[test]
fn a_target_that_came_into_being_meanwhile_is_not_replaced() {
    let base = tempfile::tempdir().unwrap();
    let target = base.path().join("out");
    let staging = Staging::open(&target, Target::Folder, false).unwrap();
    staging.put(Path::new("a.txt"), b"new").unwrap();
    fs::create_dir(&target).unwrap();
    fs::write(target.join("a.txt"), "theirs").unwrap();
    assert_eq!(staging.commit(&[]).unwrap_err().kind(), ErrorKind::Refused);
    assert_eq!(tree(base.path()), [pair("out/a.txt", "theirs")]);
}

/// A target from a stranger, with a staging folder that no run left.
#[test]
fn a_planted_staging_folder_leads_nowhere_else() {
    let (base, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let target = base.path().join("out");
    let place = target.join(STAGING);
    fs::write(outside.path().join("theirs"), "theirs").unwrap();
    let theirs = outside.path().join("theirs").display().to_string();
    let link = |from: &str, to: &Path| std::os::unix::fs::symlink(to, place.join(from)).unwrap();
    let lists = [
        format!(r#"{{"moved": [], "removed": [{theirs:?}], "folders": []}}"#),
        r#"{"moved": [], "removed": ["../x"], "folders": []}"#.to_owned(),
        r#"{"moved": [], "removed": [], "folders": [".."]}"#.to_owned(),
        r#"{"moved": [], "removed": ["theirs"], "folders": []}"#.to_owned(),
        r#"{"moved": [], "removed": ["s/theirs"], "folders": []}"#.to_owned(),
    ];
    for (number, list) in lists.iter().enumerate() {
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join("journal.json"), list).unwrap();
        match number {
            3 => link("old", outside.path()),
            4 => {
                fs::create_dir(place.join("old")).unwrap();
                link("old/s", outside.path());
            }
            _ => {}
        }
        let error = Staging::open(&target, Target::Folder, true).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused, "{list}");
        assert_eq!(tree(outside.path()), [pair("theirs", "theirs")], "{list}");
        fs::remove_dir_all(&target).unwrap();
    }
    for name in ["journal.json", "journal.draft", "copy", "new", "old"] {
        fs::create_dir_all(&place).unwrap();
        fs::write(target.join("a.txt"), "old").unwrap();
        link(name, &outside.path().join("none"));
        let opened = Staging::open(&target, Target::Folder, true);
        assert_eq!(opened.is_err(), name == "journal.json", "{name}");
        if let Ok(staging) = opened {
            staging.put(Path::new("a.txt"), b"new").unwrap();
            staging.commit(&[]).unwrap();
            assert_eq!(tree(&target), [pair("a.txt", "new")], "{name}");
        }
        assert_eq!(tree(outside.path()), [pair("theirs", "theirs")], "{name}");
        fs::remove_dir_all(&target).unwrap();
    }
    fs::create_dir_all(&place).unwrap();
    link("lock", &outside.path().join("theirs"));
    assert!(Staging::open(&target, Target::Folder, true).is_err());
    fs::remove_dir_all(&place).unwrap();
    std::os::unix::fs::symlink(outside.path(), &place).unwrap();
    assert!(Staging::open(&target, Target::Folder, true).is_err());
    assert_eq!(tree(outside.path()), [pair("theirs", "theirs")]);
}

#[test]
fn what_was_removed_meanwhile_is_not_begun_again() {
    let base = tempfile::tempdir().unwrap();
    let target = base.path().join("out");
    let staging = Staging::open(&target, Target::Folder, false).unwrap();
    staging.put(Path::new("a.txt"), b"1").unwrap();
    fs::remove_dir_all(staging.place()).unwrap();
    assert_eq!(staging.put(Path::new("b.txt"), b"2").unwrap_err().kind(), ErrorKind::Io);
    fs::create_dir_all(staging.place().join(NEW)).unwrap();
    assert_eq!(staging.commit(&[]).unwrap_err().kind(), ErrorKind::Refused);
    assert!(!target.exists());
}
