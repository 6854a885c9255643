namespace SlabGen.Guards;

/// <summary>What is wrong with a freed address in <see cref="GuardRange"/>.</summary>
internal enum GuardFault
{
    None,

    /// <summary>No guarded object lies there.</summary>
    Foreign,

    /// <summary>The object is of another cache.</summary>
    WrongOwner,

    /// <summary>Not the start of the object.</summary>
    Interior,

    /// <summary>The object is free.</summary>
    AlreadyFree,

    /// <summary>Bytes beside the object, on its page, were written. The object was freed.</summary>
    Damaged,
}
