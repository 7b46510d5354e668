-- A scope runs one pool for each of its locations; before, it had one.
update deployments.scope set current = jsonb_build_array(current || '{"share": 100}') where jsonb_typeof(current) = 'object';

-- Deployments in progress go on as a plan of one lane and one cell.
update deployments.deployment
   set state = state
       || jsonb_build_object(
              'lanes', jsonb_build_array(jsonb_build_object('current', state -> 'current', 'candidate', state #> '{plan,candidate}')),
              'cells', jsonb_build_array(jsonb_build_object(
                  'lanes', '[0]'::jsonb, 'weight', 100, 'capacity', 100, 'gate', 'timed',
                  'minSeconds', state #> '{plan,cells,0,judgeSeconds}', 'deadlineSeconds', 3600, 'onFail', 'rollback')))
 where jsonb_typeof(state -> 'plan') = 'object';

update deployments.deployment
   set state = state || jsonb_build_object(
           'serving', case when jsonb_typeof(state -> 'serving') = 'object' then jsonb_build_array(state -> 'serving') else null end,
           'leftovers', case when jsonb_typeof(state -> 'leftover') = 'object' then jsonb_build_array(state -> 'leftover') else '[]'::jsonb end)
 where jsonb_typeof(state -> 'serving') is distinct from 'array';
