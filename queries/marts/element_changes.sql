-- title: What became of every compared element
-- grain: pair_no, old_no, new_no
-- change: added, removed; changed (a figure, or what it is); moved (only to another storey, building,
-- space or whole, or to another place); same. `what` names what differs. A storey, building or space
-- is another one if its name differs and no id says that it is the same: neither a renamed storey nor
-- one with another id moves anything, and where ids are not known names decide. Within one vendor,
-- what only one side knows differs too; between two vendors only what both know. Figures are those of
-- the bases and quantities asked. Another place (`place`) is that of the element's body, see
-- shifted_elements; it is not seen where a side knows none.
with figures_changed as (
    select distinct
        pair_no,
        old_no,
        new_no
    from figure_pairs
    where differs
),
properties_changed as (
    select distinct
        pair_no,
        old_no,
        new_no
    from property_changes
),
compared as (
    select
        element_matches.pair_no,
        element_matches.old_no,
        element_matches.new_no,
        element_matches.key_no,
        element_matches.matched_by,
        nullif(
            concat_ws(
                ', ',
                case when figures_changed.pair_no is not null then 'figures' end,
                case
                    when coalesce(
                        old_labels.ifc_class <> new_labels.ifc_class,
                        old_labels.vendor = new_labels.vendor
                        and (old_labels.ifc_class is null) <> (new_labels.ifc_class is null)
                    )
                        then 'class'
                end,
                case when old_labels.role <> new_labels.role then 'role' end,
                case
                    when coalesce(
                        old_labels.predefined_type <> new_labels.predefined_type,
                        old_labels.vendor = new_labels.vendor
                        and (old_labels.predefined_type is null) <> (new_labels.predefined_type is null)
                    )
                        then 'predefined type'
                end,
                case
                    when coalesce(
                        old_labels.type_name <> new_labels.type_name,
                        old_labels.vendor = new_labels.vendor
                        and (old_labels.type_name is null) <> (new_labels.type_name is null)
                    )
                        then 'type'
                end,
                case
                    when coalesce(
                        old_labels.name <> new_labels.name,
                        old_labels.vendor = new_labels.vendor
                        and (old_labels.name is null) <> (new_labels.name is null)
                    )
                        then 'name'
                end,
                case
                    when coalesce(
                        old_labels.mark <> new_labels.mark,
                        old_labels.vendor = new_labels.vendor
                        and (old_labels.mark is null) <> (new_labels.mark is null)
                    )
                        then 'mark'
                end,
                case
                    when coalesce(
                        old_labels.material <> new_labels.material,
                        old_labels.vendor = new_labels.vendor
                        and (old_labels.material is null) <> (new_labels.material is null)
                    )
                        then 'material'
                end,
                case
                    when coalesce(
                        old_labels.code <> new_labels.code,
                        old_labels.vendor = new_labels.vendor
                        and (old_labels.code is null) <> (new_labels.code is null)
                    )
                        then 'code'
                end,
                case
                    when coalesce(
                        old_labels.system <> new_labels.system,
                        old_labels.vendor = new_labels.vendor
                        and (old_labels.system is null) <> (new_labels.system is null)
                    )
                        then 'system'
                end,
                case
                    when coalesce(
                        old_labels.phase <> new_labels.phase,
                        old_labels.vendor = new_labels.vendor
                        and (old_labels.phase is null) <> (new_labels.phase is null)
                    )
                        then 'phase'
                end,
                case
                    when coalesce(
                        old_labels.is_external <> new_labels.is_external,
                        old_labels.vendor = new_labels.vendor
                        and (old_labels.is_external is null) <> (new_labels.is_external is null)
                    )
                        then 'external'
                end,
                case
                    when coalesce(
                        old_labels.load_bearing <> new_labels.load_bearing,
                        old_labels.vendor = new_labels.vendor
                        and (old_labels.load_bearing is null) <> (new_labels.load_bearing is null)
                    )
                        then 'load bearing'
                end,
                case when properties_changed.pair_no is not null then 'property' end
            ),
            ''
        ) as altered,
        nullif(
            concat_ws(
                ', ',
                case
                    when
                        (
                            old_labels.building_name <> new_labels.building_name
                            and not coalesce(
                                old_labels.building_id = new_labels.building_id, false
                            )
                        )
                        or old_labels.vendor = new_labels.vendor
                        and (coalesce(old_labels.building_name, old_labels.building_id) is null)
                        <> (coalesce(new_labels.building_name, new_labels.building_id) is null)
                        then 'building'
                end,
                case
                    when
                        (
                            old_labels.storey_name <> new_labels.storey_name
                            and not coalesce(
                                old_labels.storey_id = new_labels.storey_id, false
                            )
                        )
                        or old_labels.vendor = new_labels.vendor
                        and (coalesce(old_labels.storey_name, old_labels.storey_id) is null)
                        <> (coalesce(new_labels.storey_name, new_labels.storey_id) is null)
                        then 'storey'
                end,
                case
                    when
                        (
                            old_labels.space_name <> new_labels.space_name
                            and not coalesce(
                                old_labels.space_id = new_labels.space_id, false
                            )
                        )
                        or old_labels.vendor = new_labels.vendor
                        and (coalesce(old_labels.space_name, old_labels.space_id) is null)
                        <> (coalesce(new_labels.space_name, new_labels.space_id) is null)
                        then 'space'
                end,
                case
                    when
                        old_labels.vendor = new_labels.vendor
                        and (old_labels.whole_no is null) <> (new_labels.whole_no is null)
                        or (
                            old_labels.whole_no is not null
                            and new_labels.whole_no is not null
                            and (
                                whole_matches.new_no is null
                                or whole_matches.new_no <> new_labels.whole_no
                            )
                        )
                        then 'whole'
                end,
                case when shifted_elements.pair_no is not null then 'place' end
            ),
            ''
        ) as moved
    from element_matches
    join element_labels as old_labels
        on old_labels.pair_no = element_matches.pair_no
        and old_labels.side = 'old'
        and old_labels.element_no = element_matches.old_no
    join element_labels as new_labels
        on new_labels.pair_no = element_matches.pair_no
        and new_labels.side = 'new'
        and new_labels.element_no = element_matches.new_no
    left join element_matches as whole_matches
        on whole_matches.pair_no = old_labels.pair_no
        and whole_matches.old_no = old_labels.whole_no
    left join figures_changed
        on figures_changed.pair_no = element_matches.pair_no
        and figures_changed.old_no = element_matches.old_no
        and figures_changed.new_no = element_matches.new_no
    left join properties_changed
        on properties_changed.pair_no = element_matches.pair_no
        and properties_changed.old_no = element_matches.old_no
        and properties_changed.new_no = element_matches.new_no
    left join shifted_elements
        on shifted_elements.pair_no = element_matches.pair_no
        and shifted_elements.old_no = element_matches.old_no
        and shifted_elements.new_no = element_matches.new_no
)
select
    pair_no,
    old_no,
    new_no,
    key_no,
    matched_by,
    case
        when altered is not null then 'changed'
        when moved is not null then 'moved'
        else 'same'
    end as change,
    nullif(concat_ws(', ', altered, moved), '') as what
from compared
union all
select
    pair_no,
    old_no,
    new_no,
    key_no,
    matched_by,
    case side when 'old' then 'removed' else 'added' end as change,
    cast(null as varchar) as what
from compared_sides
where matched_by is null
