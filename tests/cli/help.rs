//! Help, completions, man pages, explanations, and the colours of all that.

use crate::support::{annoconv, run, words};
use crate::{at, workplace, write_coco};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

#[path = "../../examples/dist.rs"]
mod dist;

const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "powershell", "elvish"];

fn out(line: &str) -> String {
    run(annoconv().args(words(line)), 0).0
}

#[test]
fn short_help_is_a_part_of_the_long_one_under_the_same_headings() {
    let (short, long) = (out("convert -h"), out("convert --help"));
    let headings = |help: &str| -> Vec<String> {
        let is_heading = |line: &&str| line.ends_with(':') && !line.starts_with(' ');
        help.lines().filter(is_heading).map(str::to_owned).collect()
    };
    let own =
        ["Arguments:", "What goes in:", "What comes out:", "Select and change, in this order:"];
    assert_eq!(headings(&short)[..4], own);
    assert_eq!(headings(&long)[..4], own);
    assert!(headings(&long).contains(&"Settings of voc:".to_owned()), "{long}");
    assert_eq!(headings(&short).last().unwrap(), "The run and its report:");
    assert!(short.lines().count() <= 45, "{short}");
    let options = |help: &str| -> BTreeSet<String> {
        let words = help.split_whitespace().filter(|word| word.starts_with("--"));
        words.map(|word| word.trim_end_matches([',', ':', '.', ';']).to_owned()).collect()
    };
    assert!(options(&short).is_subset(&options(&long)));
    assert!(options(&long).len() > options(&short).len() + 30);
}

#[test]
fn the_list_of_commands_is_in_groups() {
    let help = out("--help");
    let places: Vec<usize> =
        ["Convert:", "  convert ", "Check and mend:", "  validate ", "Look up:"]
            .map(|text| help.find(text).unwrap_or_else(|| panic!("{text}: {help}")))
            .to_vec();
    assert!(places.is_sorted(), "{help}");
}

#[test]
fn completions_know_the_commands_options_and_values() {
    for shell in SHELLS {
        let script = out(&format!("completions {shell}"));
        for known in ["coco2yolo", "validate", "missing-images", "read-origin"] {
            assert!(script.contains(known), "{shell}: {known}");
        }
    }
    let (_, error) = run(annoconv().args(["completions", "ksh"]), 2);
    assert!(SHELLS.iter().all(|shell| error.contains(shell)), "{error}");
}

/// What bash offers after a line.
fn offered(script: &Path, line: &str) -> Vec<String> {
    let words: Vec<&str> = line.split(' ').collect();
    let test = format!(
        "source {}; COMP_WORDS=({}); COMP_CWORD={}; _annoconv annoconv \"{}\" \"{}\"; \
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        script.display(),
        words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
        words.len() - 1,
        words[words.len() - 1],
        words[words.len() - 2]
    );
    let done = Command::new("bash").args(["--norc", "-c", &test]).output().unwrap();
    assert!(done.stderr.is_empty(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn bash_completes_with_the_script() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("annoconv.bash");
    fs::write(&script, out("completions bash")).unwrap();
    assert_eq!(offered(&script, "annoconv coco2"), ["coco2yolo", "coco2vgg"]);
    assert_eq!(offered(&script, "annoconv convert a --on-e"), ["--on-error"]);
    assert_eq!(offered(&script, "annoconv convert a --on-error s"), ["stop", "skip"]);
    assert_eq!(offered(&script, "annoconv convert a --to v"), ["voc", "vgg"]);
    assert_eq!(offered(&script, "annoconv explain zero-i"), ["zero-id", "zero-image-size"]);
}

#[test]
fn each_command_has_a_man_page_and_each_shell_its_completions() {
    let folder = tempfile::tempdir().unwrap();
    dist::write(folder.path()).unwrap();
    let program = annoconv::cli::command();
    let names =
        program.get_subcommands().map(|command| format!("annoconv-{}.1", command.get_name()));
    let names: Vec<String> = names.chain(["annoconv.1".to_owned()]).collect();
    let page = |name: &str| fs::read_to_string(folder.path().join("man").join(name)).unwrap();
    for name in &names {
        assert!(page(name).contains(".SH SYNOPSIS"), "{name}");
    }
    assert_eq!(fs::read_dir(folder.path().join("man")).unwrap().count(), names.len());
    let convert = page("annoconv-convert.1").replace("\\-", "-");
    for shown in [
        ".SH \"SETTINGS OF VOC\"",
        "VOC: the number of the top-left pixel, 0 to 1",
        "Only objects of at most so many square pixels",
        "annoconv convert segments --from yolo",
    ] {
        assert!(convert.contains(shown), "{shown}");
    }
    let made = fs::read_dir(folder.path().join("completions")).unwrap().count();
    assert_eq!(made, SHELLS.len());
}

#[test]
fn losses_are_explained_like_rules() {
    let text = out("explain parts-joined");
    assert!(
        text.starts_with("parts-joined: objects of several parts joined in one ring\n"),
        "{text}"
    );
    assert!(text.contains("*Why*: ") && text.contains("`--multipart split`"), "{text}");
    // One of a rule and of a loss.
    let text = out("explain mask-size");
    assert!(text.contains("severity: error") && text.contains("of a conversion: lost"), "{text}");
    let (rules, losses) = (annoconv::rules::Rule::ALL, annoconv::losses::Reason::ALL);
    assert_eq!(out("explain losses").lines().count(), losses.len());
    assert_eq!(out("explain all").lines().count(), rules.len() + 1 + losses.len());
    for (given, near) in [("explain part-joined", "parts-joined"), ("explain geometri", "geometry")]
    {
        let (_, error) = run(annoconv().args(words(given)), 2);
        assert!(error.contains(&format!("did you mean {near}?")), "{error}");
    }
}

/// Every option that the explanations name is one of the program.
#[test]
fn explanations_name_options_that_there_are() {
    let program = annoconv::cli::command();
    let all = program.get_subcommands().flat_map(clap::Command::get_arguments);
    let known: BTreeSet<&str> = all.filter_map(clap::Arg::get_long).collect();
    let mut seen = 0;
    for reason in annoconv::losses::Reason::ALL {
        let quoted = reason.meaning().split('`').skip(1).step_by(2);
        for name in quoted.filter_map(|text| text.strip_prefix("--")) {
            let name = name.split_whitespace().next().unwrap();
            assert!(known.contains(name), "{}: --{name}", reason.code());
            seen += 1;
        }
    }
    assert!(seen > 50);
}

/// What a call writes to both streams, with an environment.
fn written(folder: &Path, line: &str, environment: &[(&str, &str)]) -> String {
    let mut command = annoconv();
    command.current_dir(folder).args(words(line));
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    let output = command.envs(environment.iter().copied()).output().unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

#[test]
fn a_pipe_gets_colours_only_where_they_are_forced() {
    let folder = workplace();
    write_coco(&folder, &["a.jpg"]);
    fs::create_dir(folder.path().join("full")).unwrap();
    fs::write(folder.path().join("full/a"), "").unwrap();
    let forced = [("CLICOLOR_FORCE", "1")];
    let refused = [("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")];
    for line in [
        "coco2yolo annotations.json -o labels --dry-run",
        "coco2yolo coco.json -o full",
        "validate annotations.json",
        "convert --help",
        "convert -h",
        "--help",
        "convert",
        "explain zero-ids",
    ] {
        let written = |environment| written(folder.path(), line, environment);
        assert!(!written(&[]).contains('\u{1b}'), "{line}");
        assert!(written(&forced).contains('\u{1b}'), "{line}");
        assert!(!written(&refused).contains('\u{1b}'), "{line}");
    }
}

#[test]
fn a_wrong_call_of_a_command_is_told_with_its_usage() {
    let (_, error) = at(&workplace(), "convert --to coco", 2);
    assert!(error.contains("Usage: annoconv convert"), "{error}");
}
