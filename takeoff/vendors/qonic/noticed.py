"""What this vendor's decoder may notice while reading: the words for it."""

from __future__ import annotations

# code -> what it means. The text of each warning says which field or product.
CODES = {
    "code_library_unknown": "a product's code is of a library that the project does not list",
    "guid_invalid": "a Guid is not 22 characters of the IFC alphabet",
    "guid_repeated": "a product came twice, in equal rows; it counts once",
    "guid_unknown": "a calculated value is of a product that was not among the products",
    "kind_unknown": "what a figure measures cannot be told by its name; it has no value",
    "location_unknown": "a product's location is not among the project's locations",
    "lookup_missing": "a library or list that would add names or units was not given",
    "material_unread": "materials come in a form that is not documented; kept as a property",
    "no_elements": "the model holds no products",
    "result_shape": "in which form calculated figures came, for the documents show none",
    "total_summed": "a total is the sum of the products' figures that the vendor calculated",
    "unit_unknown": "a unit cannot be brought to SI",
    "value_out_of_range": "a figure is not finite or too large",
    "value_unreadable": "a figure is not a number",
}
