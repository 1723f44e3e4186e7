"""The code of the trainers by which they load a dataset, taken out of their wheels.

Each loader hands back `{subset: {file name: [(class, x_min, y_min, x_max, y_max)]}}`, in pixels; the
subsets are called by the first three letters of their names.
"""
import ast
import contextlib
import glob
import hashlib
import io
import json
import os
import pathlib
import sys
import tarfile
import tempfile
import types
import xml.etree.ElementTree as ET
import zipfile

from check import functions, ultralytics_scope, wheel


class Failed(Exception):
    """A check that failed."""


def require(truth, *message):
    if not truth:
        raise Failed(" ".join(str(part) for part in message))


class Absent(types.ModuleType):
    """A module that is not there: all that is asked of it is an empty class."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


@contextlib.contextmanager
def stubs(modules):
    """Modules that are imported instead of those of the same names."""
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name, module in before.items():
            sys.modules.pop(name)
            if module is not None:
                sys.modules[name] = module


def module(archive, path, **others):
    """A file of a wheel as a module; `others` are modules that it imports, by their names."""
    name = path[:-3].replace("/", ".")
    own = types.ModuleType(name)
    own.__package__ = name.rpartition(".")[0]
    with stubs({other.replace("__", "."): it for other, it in others.items()}):
        exec(compile(zipfile.ZipFile(archive).read(path), path, "exec"), own.__dict__)
    return own


def of(name, **members):
    """A module with these members."""
    own = Absent(name)
    own.__path__ = []
    own.__dict__.update(members)
    return own


def constant(archive, path, name):
    """The value of a name that a file of a wheel assigns, where that is an expression of literals."""
    for node in ast.parse(zipfile.ZipFile(archive).read(path)).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return eval(compile(ast.Expression(node.value), path, "eval"), {})
    raise Failed(f"{path}: no {name}")


class Ultralytics:
    """`check_det_dataset`, `get_img_files`, `img2label_paths` and `verify_image_label`."""

    def __init__(self, wheels):
        import yaml

        archive = wheel(wheels, "ultralytics")
        utils = "ultralytics/data/utils.py"
        scope = ultralytics_scope(wheels)
        loaded = types.SimpleNamespace(
            load=lambda file, append_filename: {**yaml.safe_load(open(file)), "yaml_file": str(file)})
        formats = constant(archive, utils, "IMG_FORMATS")
        scope.update(
            YAML=loaded, IMG_FORMATS=formats, DATASETS_DIR=pathlib.Path("/nowhere"), LOGGER=None,
            SETTINGS_FILE="", HELP_URL="", FORMATS_HELP_MSG="", glob=glob, zipfile=zipfile,
            is_tarfile=tarfile.is_tarfile, check_file=lambda path, hard=True: str(path), emojis=str,
            clean_url=str, check_font=lambda name: None, is_ascii=lambda names: True,
            check_file_speeds=lambda files, prefix: None,
            DATASET_KEY_TYPES=constant(archive, utils, "DATASET_KEY_TYPES"))
        functions(archive, "ultralytics/nn/autobackend.py", ["check_class_names"], scope)
        functions(archive, utils, ["check_det_dataset", "img2label_paths"], scope)
        functions(archive, "ultralytics/data/base.py", ["get_img_files"], scope)
        self.scope = scope

    def load(self, output):
        """As a training run from another working folder does: the boxes in pixels."""
        before = digests(output)
        here = os.getcwd()
        with tempfile.TemporaryDirectory() as elsewhere:
            os.chdir(elsewhere)
            try:
                data = self.scope["check_det_dataset"](os.path.join(output, "data.yaml"), autodownload=False)
                loaded = {key: self.subset(data, key) for key in ("train", "val", "test") if data.get(key)}
            finally:
                os.chdir(here)
        changed = [name for name, digest in digests(output).items() if before.get(name) != digest]
        return {key[:3]: files for key, files in loaded.items()}, changed

    def subset(self, data, key):
        files = self.scope["get_img_files"](types.SimpleNamespace(prefix="", fraction=1.0), data[key])
        require(os.path.isdir(data[key]), data[key], "is no folder")
        loaded = {}
        for image, label in zip(files, self.scope["img2label_paths"](files)):
            row = self.scope["verify_image_label"]((image, label, "", False, len(data["names"]), 0, 0, False))
            missing, _, _, corrupt, message = row[5:10]
            require(not missing and not corrupt and "duplicate" not in message, label, message)
            height, width = row[2]
            boxes = []
            for number, cx, cy, w, h in row[1].tolist():
                edges = ((cx - w / 2) * width, (cy - h / 2) * height, (cx + w / 2) * width, (cy + h / 2) * height)
                boxes.append((data["names"][int(number)], *edges))
            loaded[os.path.basename(image)] = boxes
        return loaded


def digests(folder):
    files = [path for path in pathlib.Path(folder).rglob("*") if path.is_file()]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


class Torchvision:
    """`CocoDetection` and `VOCDetection`."""

    def __init__(self, wheels):
        archive = wheel(wheels, "torchvision")
        data = of("torch.utils.data", Dataset=object)
        torch = of("torch", utils=of("torch.utils", data=data))
        imported = {"torch": torch, "torch__utils": torch.utils, "torch__utils__data": data,
                    "torchvision__utils": of("torchvision.utils", _log_api_usage_once=lambda it: None),
                    "torchvision": of("torchvision"), "torchvision__datasets": of("torchvision.datasets")}
        vision = module(archive, "torchvision/datasets/vision.py", **imported)
        scope = {"Optional": None, "Iterable": None}
        functions(archive, "torchvision/datasets/utils.py", ["verify_str_arg", "iterable_to_str"], scope)
        imported["torchvision__datasets__vision"] = vision
        imported["torchvision__datasets__utils"] = of("torchvision.datasets.utils", verify_str_arg=scope["verify_str_arg"])
        self.coco = module(archive, "torchvision/datasets/coco.py", **imported).CocoDetection
        self.voc = module(archive, "torchvision/datasets/voc.py", **imported).VOCDetection

    def load_coco(self, output, subsets):
        loaded = {}
        for subset, name in subsets.items():
            with contextlib.redirect_stdout(io.StringIO()):
                dataset = self.coco(os.path.join(output, name), f"{output}/annotations/instances_{name}.json")
            files = loaded[subset] = {}
            for index in range(len(dataset)):
                image, target = dataset[index]
                stated = dataset.coco.loadImgs(dataset.ids[index])[0]
                require(is_size(os.path.join(output, name, stated["file_name"]), image, stated), name, stated)
                files[stated["file_name"]] = [corners(dataset.coco, one) for one in target]
        return loaded

    def load_voc(self, output, subsets):
        """The subsets that it can load: of 2012 there is no test."""
        loaded = {}
        for subset, name in subsets.items():
            if name == "test":
                continue
            dataset = self.voc(output, year="2012", image_set=name)
            files = loaded[subset] = {}
            for index in range(len(dataset)):
                image, target = dataset[index]
                stated = target["annotation"]
                size = {side: int(stated["size"][side]) for side in ("width", "height")}
                require(is_size(dataset.images[index], image, size), name, stated)
                boxes = [(one["name"], *(float(one["bndbox"][edge]) for edge in ("xmin", "ymin", "xmax", "ymax")))
                         for one in stated.get("object", [])]
                files[os.path.basename(dataset.images[index])] = boxes
        return loaded


def is_size(path, image, stated):
    """Whether an image has the stated size, as it lies in the file or as its EXIF orientation turns it."""
    from PIL import Image

    is_turned = Image.open(path).getexif().get(274, 1) > 4
    size = (stated["width"], stated["height"])
    return image.size == (size[::-1] if is_turned else size) or (is_turned and image.size == size)


def corners(coco, annotation):
    x, y, w, h = annotation["bbox"]
    return (coco.loadCats(annotation["category_id"])[0]["name"], x, y, x + w, y + h)


class MMDetection:
    """`CocoDataset` and `XMLDataset`, with the few lines of mmengine's `BaseDataset` that they need."""

    def __init__(self, wheels):
        archive = wheel(wheels, "mmdet")
        registry = of("mmdet.registry", DATASETS=types.SimpleNamespace(register_module=lambda: lambda it: it))
        lines = lambda path, backend_args=None: open(path).read().splitlines()  # noqa: E731
        fileio = of("mmengine.fileio", get_local_path=lambda path, backend_args=None: contextlib.nullcontext(path),
                    list_from_file=lines)
        imported = {"mmcv": of("mmcv"), "mmengine": of("mmengine"), "mmengine__fileio": fileio,
                    "mmdet": of("mmdet"), "mmdet__registry": registry, "mmdet__datasets": of("mmdet.datasets"),
                    "mmdet__datasets__base_det_dataset": of("base", BaseDetDataset=BaseDataset),
                    "mmengine__utils": of("mmengine.utils"),
                    "mmdet__datasets__api_wrappers": of("mmdet.datasets.api_wrappers")}
        api = module(archive, "mmdet/datasets/api_wrappers/coco_api.py", **imported)
        imported["mmdet__datasets__api_wrappers"] = of("mmdet.datasets.api_wrappers", COCO=api.COCO)
        self.coco = module(archive, "mmdet/datasets/coco.py", **imported).CocoDataset
        self.xml = module(archive, "mmdet/datasets/xml_style.py", **imported).XMLDataset

    def load_coco(self, output, subsets, classes):
        make = lambda name: self.coco(  # noqa: E731
            f"{output}/annotations/instances_{name}.json", {"img": f"{output}/{name}"}, classes)
        return {subset: loaded_by_mmdetection(make(name), classes) for subset, name in subsets.items()}

    def load_voc(self, output, subsets, classes):
        root = f"{output}/VOCdevkit/VOC2012"
        make = lambda name: self.xml(  # noqa: E731
            ann_file=f"{root}/ImageSets/Main/{name}.txt", data_prefix={"sub_data_root": root}, classes=classes)
        return {subset: loaded_by_mmdetection(make(name), classes) for subset, name in subsets.items()}


class BaseDataset:
    """What the two datasets ask of mmengine's: the paths and the classes."""

    ENTRY_OPTIONS = {"return_classes": False, "seg_map_suffix": ".png", "filter_cfg": None, "test_mode": False}

    def __init__(self, ann_file, data_prefix, classes):
        self.ann_file, self.data_prefix, self.backend_args = ann_file, data_prefix, None
        self._metainfo = self.metainfo = {"classes": tuple(classes)}
        self.__dict__.update(self.ENTRY_OPTIONS)


def loaded_by_mmdetection(dataset, classes):
    with contextlib.redirect_stdout(io.StringIO()):
        data = dataset.load_data_list()
    files = {}
    for one in data:
        require(os.path.isfile(one["img_path"]), one["img_path"], "is not there")
        # Labels of COCO are numbered by the order of the ids in the file.
        require(all(not instance["ignore_flag"] for instance in one["instances"]), one)
        boxes = [(classes[instance["bbox_label"]], *instance["bbox"]) for instance in one["instances"]]
        files[os.path.basename(one["img_path"])] = boxes
    return files


class Detectron2:
    """`load_coco_json` and `load_voc_instances`, stated again."""

    @staticmethod
    def load_coco(output, subsets):
        from pycocotools.coco import COCO

        loaded = {}
        for subset, name in subsets.items():
            with contextlib.redirect_stdout(io.StringIO()):
                coco = COCO(f"{output}/annotations/instances_{name}.json")
            found = [one for image in coco.imgs for one in coco.imgToAnns[image]]
            require(len({one["id"] for one in found}) == len(found), name, "ids that repeat")
            names = [category["name"] for category in sorted(coco.dataset["categories"], key=lambda it: it["id"])]
            order = {number: at for at, number in enumerate(sorted(coco.getCatIds()))}
            files = loaded[subset] = {}
            for image in coco.loadImgs(sorted(coco.imgs)):
                path = f"{output}/{name}/{image['file_name']}"
                require(os.path.isfile(path) and image["width"] and image["height"], path)
                boxes = files[image["file_name"]] = []
                for one in coco.imgToAnns[image["id"]]:
                    require(one.get("ignore", 0) == 0, one)
                    rings = one.get("segmentation")
                    if isinstance(rings, list) and rings and not any(len(r) >= 6 and len(r) % 2 == 0 for r in rings):
                        continue
                    x, y, w, h = one["bbox"]
                    boxes.append((names[order[one["category_id"]]], x, y, x + w, y + h))
        return loaded

    @staticmethod
    def load_voc(output, subsets):
        import numpy

        root = f"{output}/VOCdevkit/VOC2012"
        loaded = {}
        for subset, name in subsets.items():
            files = loaded[subset] = {}
            for stem in numpy.loadtxt(f"{root}/ImageSets/Main/{name}.txt", dtype=str):
                tree = ET.parse(f"{root}/Annotations/{stem}.xml")
                require(os.path.isfile(f"{root}/JPEGImages/{stem}.jpg"), stem, "is not there")
                require(all(int(tree.find(f"size/{side}").text) for side in ("width", "height")), stem)
                boxes = files[f"{stem}.jpg"] = []
                for one in tree.findall("object"):
                    box = [float(one.find(f"bndbox/{edge}").text) for edge in ("xmin", "ymin", "xmax", "ymax")]
                    boxes.append((one.find("name").text, box[0] - 1, box[1] - 1, box[2], box[3]))
        return loaded


class Rfdetr:
    """The paths and the numbers of classes that `build_roboflow_from_coco` takes; boxes by supervision."""

    def __init__(self, wheels):
        archive = wheel(wheels, "rfdetr")
        path = "rfdetr/datasets/coco.py"
        names = ["is_valid_coco_dataset", "build_roboflow_from_coco", "_train_split_cat2label", "filter_parent_categories",
                 "annotated_category_ids", "_category_name", "_normalized_category_id"]
        scope = {"Path": pathlib.Path, "json": json, "cast": lambda kind, value: value, "logger": __import__("logging").getLogger("rfdetr"),
                 "_SUPERCATEGORY_PLACEHOLDERS": frozenset({"", "none", "null", None}),
                 "CocoDetection": lambda images, file, **options: (images, file, options.get("cat2label")),
                 "MultiScale": types.SimpleNamespace(from_value=str, OFF="", PER_SAMPLE="")}
        for name in ("resolve_keypoint_flip_pairs", "is_gpu_postprocess", "resolve_backend_for_build",
                     "draft_size_for_transforms", "make_coco_transforms", "make_coco_transforms_square_div_64"):
            scope[name] = lambda *values, **options: None
        functions(archive, path, names, scope)
        self.scope = scope

    def load(self, output, subsets, classes):
        import supervision

        require(self.scope["is_valid_coco_dataset"](output), output, "is no dataset to RF-DETR")
        kinds = ("square_resize_div_64", "segmentation_head", "multi_scale", "expanded_scales", "patch_size", "num_windows")
        options = types.SimpleNamespace(dataset_dir=output, **{kind: False for kind in kinds})
        loaded = {}
        for subset in subsets:
            split = {"tra": "train", "val": "val", "tes": "test"}[subset]
            images, file, numbers = self.scope["build_roboflow_from_coco"](split, options, 512)
            data = json.load(open(file))
            require(numbers is None or len(numbers) == len(classes), numbers)
            require(len(self.scope["filter_parent_categories"](data["categories"])) == len(classes), file)
            dataset = supervision.DetectionDataset.from_coco(str(images), str(file))
            require(sorted(dataset.classes) == sorted(classes), dataset.classes)
            files = loaded[subset] = {}
            for path, image, found in dataset:
                require(image is not None, path)
                boxes = zip(found.class_id.tolist(), found.xyxy.tolist())
                files[os.path.basename(path)] = [(dataset.classes[number], *box) for number, box in boxes]
        return loaded


def load_hf(output, subsets, classes):
    """`load_dataset` as it is installed."""
    import datasets

    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory() as cache:
        found = datasets.load_dataset("imagefolder", data_dir=output, cache_dir=cache)
        loaded = {}
        for split in found:
            rows = found[split].cast_column("image", datasets.Image(decode=False))
            files = loaded[split[:3]] = {}
            for row in rows:
                require(os.path.isfile(row["image"]["path"]), row)
                files[os.path.basename(row["image"]["path"])] = boxes_of(row, classes)
            image = found[split][0]["image"]
            require(image.size == (found[split][0]["width"], found[split][0]["height"]), split, "sizes")
        names = {"tra": "train", "val": "validation", "tes": "test"}
        require(set(found) == {names[subset] for subset in subsets}, set(found))
    return loaded


def boxes_of(row, classes):
    objects = row["objects"]
    require(len(objects["bbox"]) == len(objects["categories"]) == len(objects["area"]), row)
    named = [classes[it] if isinstance(it, int) else it for it in objects["categories"]]
    return [(name, x, y, x + w, y + h) for name, (x, y, w, h) in zip(named, objects["bbox"])]
