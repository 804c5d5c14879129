-- title: What a figure comes out as if it is written in another unit than it says
-- grain: kind, factor
-- column: factor decimal; the figure as read divided by the true one
-- column: is_close boolean; from 1/50 to 50: only believed if it fits closely
-- column: words text; the slip in words
-- `factor` is the figure as read divided by the true one. Those between 1/50 and 50 are only
-- believed if they fit to one in ten thousand (`is_close`): a wrong figure may come near by chance.
select
    kind,
    cast(factor as decimal(32, 12)) as factor,
    factor > 0.02 and factor < 50 as is_close,
    words
from (
    select 'length' as kind, 1000.0 as factor, 'millimetres read as metres' as words
    union all
    select 'length' as kind, 100.0 as factor, 'centimetres read as metres' as words
    union all
    select 'length' as kind, 0.001 as factor, 'metres read as millimetres' as words
    union all
    select 'length' as kind, 0.003280839895 as factor, 'metres read as feet and then as mm' as words
    union all
    select 'length' as kind, 0.3048 as factor, 'metres read as feet' as words
    union all
    select 'length' as kind, 3.280839895013 as factor, 'feet read as metres' as words
    union all
    select 'area' as kind, 1000000.0 as factor, 'mm2 read as m2' as words
    union all
    select 'area' as kind, 10000.0 as factor, 'cm2 read as m2' as words
    union all
    select 'area' as kind, 1000.0 as factor, 'm x mm read as m2' as words
    union all
    select 'area' as kind, 0.001 as factor, 'm2 read as m x mm' as words
    union all
    select 'area' as kind, 0.000001 as factor, 'm2 read as mm2' as words
    union all
    select 'area' as kind, 0.09290304 as factor, 'm2 read as square feet' as words
    union all
    select 'area' as kind, 10.763910416710 as factor, 'square feet read as m2' as words
    union all
    select 'volume' as kind, 1000000000.0 as factor, 'mm3 read as m3' as words
    union all
    select 'volume' as kind, 1000000.0 as factor, 'mm2 x m read as m3' as words
    union all
    select 'volume' as kind, 1000.0 as factor, 'm2 x mm or litres read as m3' as words
    union all
    select 'volume' as kind, 0.001 as factor, 'm3 read as litres' as words
    union all
    select 'volume' as kind, 0.000001 as factor, 'm3 read as cm3' as words
    union all
    select 'volume' as kind, 92.90304 as factor, 'square feet x mm, converted once' as words
    union all
    select 'volume' as kind, 0.028316846592 as factor, 'm3 read as cubic feet' as words
    union all
    select 'volume' as kind, 35.314666721489 as factor, 'cubic feet read as m3' as words
) as slips
