-- title: The figure picked of those that a model states or that were computed
-- grain: snapshot_id, element_no, quantity
-- column: is_doubtful boolean; figures disagree, or a check shows it to be wrong
-- column: picked_because text; why this figure, or why none
-- The figures in the first place (see stated_figures) decide; of several sets in that place the
-- first by name. Figures of one set that differ by more than a millionth make the quantity
-- doubtful: none of them is picked, and no other basis stands in for them. Equal ones are one.
-- Most quantities have one figure only, and are let by: to put figures in order is what takes time.
-- A `crowded` element has more figures than quantities; only among its own are `repeated` ones looked
-- for, as to group by quantity too takes several times as long. (Of what is `repeated` some may not
-- be asked about; it is put in order without need.)
with crowded as (
    select
        quantities.snapshot_id,
        quantities.element_no
    from quantities
    join known_quantities
        on known_quantities.stated_quantity = quantities.quantity
    where quantities.value_exact is not null
    group by quantities.snapshot_id, quantities.element_no, known_quantities.band
    having count(*) > bit_count(bit_or(known_quantities.bit))
),
repeated as (
    select
        quantities.snapshot_id,
        quantities.element_no,
        quantities.quantity
    from quantities
    where quantities.quantity is not null
        and quantities.value_exact is not null
        and exists (
            select 1
            from crowded
            where crowded.snapshot_id = quantities.snapshot_id
                and crowded.element_no = quantities.element_no
        )
    group by quantities.snapshot_id, quantities.element_no, quantities.quantity
    having count(*) > 1
),
ranked as (
    select
        snapshot_id,
        element_no,
        element_id,
        whole_no,
        quantity,
        kind,
        unit,
        value_exact,
        basis,
        origin,
        ordinal,
        source_set,
        source_name,
        rank() over first_sets as set_rank,
        min(ordinal) over first_sets as first_ordinal,
        count(*) over first_sets as figures_in_set,
        min(value_exact) over first_sets as lowest,
        max(value_exact) over first_sets as highest
    from stated_figures
    where exists (
        select 1
        from repeated
        where repeated.snapshot_id = stated_figures.snapshot_id
            and repeated.element_no = stated_figures.element_no
            and repeated.quantity = stated_figures.quantity
    )
    window first_sets as (
        partition by snapshot_id, element_no, whole_no, quantity
        order by place, source_set nulls last
    )
),
picked as (
    select
        snapshot_id,
        element_no,
        element_id,
        whole_no,
        quantity,
        kind,
        unit,
        value_exact,
        basis,
        origin,
        ordinal,
        source_set,
        source_name,
        figures_in_set,
        cast(highest - lowest as double)
        > 0.000001 * greatest(abs(cast(highest as double)), abs(cast(lowest as double)))
            as is_doubtful
    from ranked
    where set_rank = 1
        and ordinal = first_ordinal
    union all
    select
        snapshot_id,
        element_no,
        element_id,
        whole_no,
        quantity,
        kind,
        unit,
        value_exact,
        basis,
        origin,
        ordinal,
        source_set,
        source_name,
        1 as figures_in_set,
        false as is_doubtful
    from stated_figures
    where not exists (
        select 1
        from repeated
        where repeated.snapshot_id = stated_figures.snapshot_id
            and repeated.element_no = stated_figures.element_no
            and repeated.quantity = stated_figures.quantity
    )
)
select
    snapshot_id,
    element_no,
    element_id,
    whole_no,
    quantity,
    kind,
    unit,
    case when not is_doubtful then value_exact end as value_exact,
    is_doubtful,
    basis,
    origin,
    case when not is_doubtful then ordinal end as ordinal,
    source_set,
    case when not is_doubtful then source_name end as source_name,
    case
        when is_doubtful
            then 'none picked: the ' || cast(figures_in_set as varchar)
                || ' figures in this set disagree'
        when figures_in_set > 1
            then 'first basis and origin in the order asked; '
                || cast(figures_in_set as varchar) || ' equal figures are one'
        else 'first basis and origin in the order asked'
    end as picked_because
from picked
