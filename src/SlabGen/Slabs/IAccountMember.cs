namespace SlabGen.Slabs;

/// <summary>A cache whose slabs are charged to a <see cref="SlabAccount"/>. It lies in a higher layer.</summary>
internal interface IAccountMember
{
    /// <summary>
    /// Takes home every free object, and gives the slabs back that are then empty. The caller holds no lock.
    /// </summary>
    /// <returns>Whether a free object was left with a thread at work.</returns>
    bool TakeHome();
}
