"""What is noticed while asking for and reading a Bimplus model, in fixed words."""

from __future__ import annotations

# code -> what it means. The text of each warning says which attribute or object.
CODES = {
    "attribute_internal": "an attribute that the vendor's own viewer hides",
    "comma_as_point": "numbers written with a comma, read as the decimal point",
    "count_differs": "the project is said to have fewer objects of a type than the model's tree",
    "guid_unknown": "a calculated value is of an object that is not in the tree",
    "id_repeated": "an object came twice; it counts once",
    "imported_with_errors": "the vendor imported the model with errors",
    "label_missing": "an enumeration has a code without a label; the code stays",
    "layer_missing": "objects do not say in which layer they are",
    "layer_skipped": "objects of layers that hold no building parts, such as clashes, are left out",
    "lookup_missing": "a list that would add names or units was not given",
    "no_elements": "the model holds no elements and no rooms",
    "no_storey": "objects stand on no storey",
    "sets_missing": "the vendor gives no property sets with the objects",
    "size_differs": "the imported file has another size than the vendor states",
    "tag_missing": "the vendor gives the model no tag, so an edit meanwhile is not seen",
    "unit_contradicted": "a unit's own record says that it measures something else",
    "unit_missing": "a figure comes without a unit, so it has no value",
    "unit_unknown": "a unit cannot be brought to SI",
    "value_out_of_range": "a figure is not finite or too large",
    "value_unreadable": "a figure is not a number",
}
