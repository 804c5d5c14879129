-- title: Changes that the vendor states
-- question: Does the vendor's own comparison of two versions agree with ours?
-- grain: element_id
-- compares: two
-- elements: stated_change_sides
-- param: all boolean = false; list also the elements on which both agree
-- column: element_id text; the element's id at the vendor
-- column: ifc_guid text; IFC GlobalId; null if none or if the element is not ours to compare
-- column: ifc_class text; IFC class without Ifc
-- column: name text; the element's name
-- column: stated_change text; added, removed or changed as the vendor states it; null if it does not
-- column: our_change text; added, removed, changed, moved or same; null: no element that is compared
-- column: agrees boolean; the words say the same (changed: changed or moved); null if either is null
-- column: what text; what differs as we see it
-- column: property_names text; what differs as the vendor states it, a JSON list
-- No line without a comparison that the vendor made of these very versions. It compares properties of
-- all kinds, types and views too, and so states more than what counts as a change here.
select
    element_id,
    ifc_guid,
    ifc_class,
    name,
    stated_change,
    our_change,
    case
        when stated_change is null and our_change = 'same' then true
        when our_change = 'moved' then stated_change = 'changed'
        else stated_change = our_change
    end as agrees,
    what,
    property_names
from stated_changes_matched
where $all
    or not coalesce(
        case
            when stated_change is null then our_change = 'same'
            when our_change = 'moved' then stated_change = 'changed'
            else stated_change = our_change
        end,
        false
    )
order by
    stated_change nulls last,
    our_change nulls last,
    ifc_class nulls last,
    name nulls last,
    element_id
