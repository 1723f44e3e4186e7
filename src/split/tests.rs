use super::*;
use proptest::prelude::*;

/// Units of one image each, with these classes; those without any are empty.
fn images(classes: &[Vec<usize>]) -> Vec<Unit> {
    let unit = |(at, classes): (usize, &Vec<usize>)| {
        let held = |class: &usize| Held { class: *class, images: 1, objects: class % 3 + 1 };
        let classes: Vec<Held> = classes.iter().map(held).collect();
        let empty = usize::from(classes.is_empty());
        Unit { key: format!("{at}.jpg"), classes, images: 1, empty, given: None }
    };
    classes.iter().enumerate().map(unit).collect()
}

/// How many images each subset has.
fn sizes(units: &[Unit], shares: &[f64], assigned: &[usize]) -> Vec<usize> {
    balance(units, shares, assigned).subsets.iter().map(|portion| portion.images.has).collect()
}

#[test]
fn each_class_and_the_empty_images_have_their_shares() {
    let classes: Vec<Vec<usize>> =
        (0..200).map(|at| if at < 100 { vec![at % 4] } else { vec![] }).collect();
    let units = images(&classes);
    let shares = [0.8, 0.12, 0.08];
    let found = balance(&units, &shares, &assign(&units, &shares, 7));
    for (portion, expected) in found.subsets.iter().zip([160, 24, 16]) {
        assert_eq!(portion.images, Amount { has: expected, of: 200 });
        assert_eq!(portion.empty, Amount { has: expected / 2, of: 100 });
        for (class, images, objects) in &portion.classes {
            assert_eq!((images.of, objects.of), (25, 25 * (class % 3 + 1)));
            assert_eq!(images.has, (25 * expected + 100) / 200, "{class}");
        }
    }
    let (_, _, deviation) = found.largest().unwrap();
    assert!(deviation.abs() <= 1.0 / 25.0, "{deviation}");
}

#[test]
fn a_class_of_three_images_is_in_each_subset() {
    // Class 1 has three images among 300, class 2 has four.
    let mut classes = vec![vec![0]; 300];
    classes[17] = vec![0, 1];
    classes[50] = vec![1];
    classes[51] = vec![1];
    classes[80] = vec![2];
    classes[81] = vec![0, 2];
    classes[90] = vec![0, 2];
    classes[91] = vec![2];
    let units = images(&classes);
    for seed in 0..20 {
        for (shares, class) in
            [(vec![0.8, 0.12, 0.08], 1), (vec![0.9, 0.1], 1), (vec![0.4, 0.2, 0.3, 0.1], 2)]
        {
            let assigned = assign(&units, &shares, seed);
            for portion in balance(&units, &shares, &assigned).subsets {
                let (_, has, _) = portion.classes[class];
                assert!(has.has > 0, "class {class} of {shares:?}, seed {seed}");
                assert!(portion.images.deviation(portion.share).abs() * 300.0 < 1e-6);
            }
        }
    }
}

#[test]
fn images_that_are_added_move_no_others() {
    let classes: Vec<Vec<usize>> = (0..220).map(|at| vec![at % 7, at % 3]).collect();
    let shares = [0.8, 0.12, 0.08];
    let mut all = images(&classes);
    let before = assign(&all[..200], &shares, 1);
    for (unit, subset) in all.iter_mut().zip(&before) {
        unit.given = Some(*subset);
    }
    let after = assign(&all, &shares, 1);
    assert_eq!(after[..200], before);
    let sizes = sizes(&all, &shares, &after);
    assert!([[176, 26, 18], [176, 27, 17]].contains(&[sizes[0], sizes[1], sizes[2]]), "{sizes:?}");
}

#[test]
fn odd_calls_are_no_panic() {
    let units = images(&[vec![0], vec![1], vec![]]);
    assert_eq!(assign(&[], &[0.5, 0.5], 0), Vec::<usize>::new());
    assert_eq!(assign(&units, &[1.0], 0), [0, 0, 0]);
    assert_eq!(assign(&units, &[], 0), [0, 0, 0]);
    let given = Unit { given: Some(9), ..units[0].clone() };
    assert_eq!(assign(&[given], &[0.9, 0.1], 0), [0]);
    let nothing = vec![Unit::default(); 3];
    assert_eq!(assign(&nothing, &[0.5, 0.5], 0).len(), 3);
    assert_eq!(balance(&[], &[1.0], &[]).largest(), None);
}

#[test]
fn another_seed_is_another_split() {
    let units = images(&vec![vec![]; 100]);
    let splits: Vec<Vec<usize>> = (0..3).map(|seed| assign(&units, &[0.5, 0.5], seed)).collect();
    assert!(splits[0] != splits[1] && splits[1] != splits[2]);
}

/// Groups of up to 4 images, of up to 3 of 6 classes, some of which have a subset.
fn groups() -> impl Strategy<Value = Vec<Unit>> {
    let classes = prop::collection::btree_map(0..6usize, (1..5usize, 1..9usize), 0..4);
    let unit = (1..5usize, classes, prop::option::weighted(0.2, 0..2usize));
    prop::collection::vec(unit, 1..60).prop_map(|units| {
        let make = |(at, (images, classes, given)): (
            usize,
            (usize, std::collections::BTreeMap<_, _>, _),
        )| {
            let held = |(class, (own, objects)): (usize, (usize, usize))| {
                let own = own.min(images);
                Held { class, images: own, objects: objects.max(own) }
            };
            let classes: Vec<Held> = classes.into_iter().map(held).collect();
            let empty = if classes.is_empty() { images } else { 0 };
            Unit { key: format!("group {at}"), classes, images, empty, given }
        };
        units.into_iter().enumerate().map(make).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn all_are_assigned_and_the_given_kept(units in groups(), seed: u64) {
        let shares = [0.6, 0.4];
        let assigned = assign(&units, &shares, seed);
        prop_assert_eq!(assigned.len(), units.len());
        for (unit, subset) in units.iter().zip(&assigned) {
            prop_assert!(*subset < 2);
            prop_assert!(unit.given.is_none_or(|given| given == *subset));
        }
        let found = balance(&units, &shares, &assigned);
        let sum: usize = found.subsets.iter().map(|portion| portion.images.has).sum();
        prop_assert_eq!(sum, units.iter().map(|unit| unit.images).sum::<usize>());
    }

    #[test]
    fn the_order_of_units_changes_nothing(
        (units, shuffled) in groups().prop_flat_map(|units| {
            let numbers: Vec<usize> = (0..units.len()).collect();
            (Just(units), Just(numbers).prop_shuffle())
        }),
        seed: u64,
    ) {
        let shares = [0.7, 0.2, 0.1];
        let assigned = assign(&units, &shares, seed);
        let moved: Vec<Unit> = shuffled.iter().map(|at| units[*at].clone()).collect();
        for (at, subset) in shuffled.iter().zip(assign(&moved, &shares, seed)) {
            prop_assert_eq!(assigned[*at], subset);
        }
    }

    #[test]
    fn without_classes_shares_are_met_within_one(count in 1..1000usize, first in 1..90u32, seed: u64) {
        let units = images(&vec![vec![]; count]);
        let first = f64::from(first) / 100.0;
        let shares = [first, 0.92 - first.min(0.91), 0.08 + first.min(0.91) - first];
        let assigned = assign(&units, &shares, seed);
        for (has, share) in sizes(&units, &shares, &assigned).into_iter().zip(shares) {
            prop_assert!((has as f64 - share * count as f64).abs() < 1.0 + 1e-6, "{} of {}", has, count);
        }
    }

    #[test]
    fn a_class_of_one_image_a_unit_is_within_one_of_its_wish(
        classes in prop::collection::vec(0..5usize, 30..150),
        seed: u64,
    ) {
        let units = images(&classes.iter().map(|class| vec![*class]).collect::<Vec<_>>());
        let shares = [0.75, 0.25];
        let found = balance(&units, &shares, &assign(&units, &shares, seed));
        for portion in &found.subsets {
            for (class, images, _) in &portion.classes {
                let off = images.deviation(portion.share).abs() * images.of as f64;
                prop_assert!(off < 1.0 + 1e-6, "class {}: {:?}", class, images);
                prop_assert!(images.of < 3 || images.has > 0, "class {}: {:?}", class, images);
            }
        }
    }
}
