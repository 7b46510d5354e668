// Journeys measure waiting and lose no request; two at once on two cores would only measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
