/// File, number of masks, sum of their areas, sums of their boxes' numbers.
const MASKS: [(&str, usize, u64, [f64; 4]); 2] = [
    ("instances_val2014_100.json", 9, 252741, [1502.0, 1289.0, 3242.0, 1611.0]),
    ("instances_val2014_fakesegm100_results.json", 734, 7766804, [180529.0, 138238.0, 66653.0, 74806.0]),
];
