namespace SlabGen;

/// <summary>
/// Makes a method of a struct with <see cref="SlabCacheAttribute"/> the destructor of its objects: it runs for each
/// object when its slab is discarded, also for those that were never allocated.
/// </summary>
/// <remarks>
/// An instance method without parameters, <see langword="internal"/> or <see langword="public"/>, that returns
/// <see langword="void"/>. It runs on whichever thread gives memory back. It must not throw: an exception comes out of
/// the call that gave the memory back, after every other object was destructed. Without a
/// <see cref="SlabConstructorAttribute"/> an object that was never allocated has any contents.
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SlabDestructorAttribute : Attribute;
